"""Hearing that something was committed, for workers that stay.

PostgreSQL calls its listeners (LISTEN and NOTIFY), which takes a session of its own: behind a pooler
in transaction mode nothing is heard, and the listener finds its work by looking once a second.
SQLite keeps a counter of commits by others, which costs microseconds to look at.
"""

from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import connection

CHANNEL = "patchbay"


class Bell:
    """Whether anything was committed since the last time of asking. For one thread."""

    def __init__(self) -> None:
        self._session: Any = None
        self._version = 0

    def __enter__(self) -> Self:
        if connection.vendor == "postgresql":
            # Beside the connection that works: in the middle of a transaction it hears nothing.
            parameters = {**connection.get_connection_params(), "autocommit": True}
            parameters.pop("pool", None)
            with connection.wrap_database_errors:
                self._session = psycopg.connect(**parameters)
                self._session.execute(f"LISTEN {CHANNEL}")
        else:
            self._version = _commits()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def fileno(self) -> int | None:
        """Return what becomes readable when the bell rings; None where one has to ask."""
        return None if self._session is None else int(self._session.fileno())

    def rang(self) -> bool:
        """Say whether there was a commit since the last time of asking.

        Raises OperationalError when the connection is lost.
        """
        if self._session is not None:
            with connection.wrap_database_errors:
                return bool(list(self._session.notifies(timeout=0)))
        before, self._version = self._version, _commits()
        return before != self._version


def _commits() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])
