"""Connections that are kept, and whether they have been quiet since.

What a peer sends while nobody asked is no answer: it would be taken for that of the next request,
which may be another tenant's. libcurl looks for such bytes once a second at most; we look each time.
"""

import select
import socket
import struct
import sys

MAX_REMEMBERED = 8_192

# Anything at all: bytes, or the end of the stream. Errors are always reported.
_NOISE = select.POLLIN | select.POLLPRI

# Where Linux keeps tcpi_bytes_received (linux/tcp.h, struct tcp_info; since 4.1).
_BYTES_RECEIVED_AT = 128

Endpoints = tuple[str, int, int]
"""A connection, as seen from outside: the peer's address and port, and our own port.

No two that are open at once are equal.
"""


class KeptConnections:
    """The sockets of connections that libcurl keeps, found by what it says about them."""

    def __init__(self) -> None:
        self._sockets: dict[Endpoints, tuple[int, int | None]] = {}

    def remember(self, endpoints: Endpoints, descriptor: int, received: int | None) -> None:
        """Note that the connection was left in order, with ``descriptor`` as its socket.

        ``received`` is the ``bytes_received`` by then, for an encrypted connection: libcurl may take
        bytes out of its socket at any time.
        """
        if len(self._sockets) >= MAX_REMEMBERED:
            # Those of them that are still open are replaced without need.
            self._sockets.clear()
        self._sockets[endpoints] = (descriptor, received)

    def quiet(self, endpoints: Endpoints) -> bool:
        """Return whether nothing has come in since the connection was left in order.

        A connection that nobody remembers does not count as quiet, and one is remembered once.
        """
        descriptor, received = self._sockets.pop(endpoints, (-1, None))
        if descriptor < 0:
            return False
        poll = select.poll()
        poll.register(descriptor, _NOISE)
        if poll.poll(0):
            return False
        return received is None or received == bytes_received(descriptor)


def bytes_received(descriptor: int) -> int | None:
    """Return how many bytes the peer has ever sent over a connection; None where nobody counts."""
    if sys.platform != "linux":
        return None
    connection = socket.socket(fileno=descriptor)
    try:
        counters = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError:
        return None
    finally:
        connection.detach()
    if len(counters) < _BYTES_RECEIVED_AT + 8:
        return None
    number: int = struct.unpack_from("=Q", counters, _BYTES_RECEIVED_AT)[0]
    return number
