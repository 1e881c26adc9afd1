"""The backend, in the file in which Django looks for it."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    def is_usable(self) -> bool:
        """Say whether the connection still stands, which is asked before every request.

        A server that goes away says so on the socket before it closes it. When nothing has come,
        nothing is asked: Django's own question costs every request a journey to the database.
        """
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        if not waiting.poll(0):
            return True
        usable: bool = super().is_usable()
        return usable
