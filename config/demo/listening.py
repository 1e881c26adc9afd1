"""Taking the port of the web server before anything is started."""

import socket

ADDRESS = "127.0.0.1"
BACKLOG = 128


def listen(wanted: int) -> socket.socket:
    """Listen at port ``wanted`` if it is free, else at any free one.

    The web server is handed the socket itself, so nobody can take the port in between.
    """
    try:
        return socket.create_server((ADDRESS, wanted), backlog=BACKLOG)
    except OSError:
        return socket.create_server((ADDRESS, 0), backlog=BACKLOG)


def url_of(listener: socket.socket) -> str:
    """Return the URL at which ``listener`` is reached."""
    return f"http://{ADDRESS}:{listener.getsockname()[1]}"
