"""Requests over kept connections, on one thread and with as little work as possible.

The client shares the machine with those it asks, so what it takes is what they cannot have.
"""

import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from bench.errors import BenchError

CHUNK_BYTES = 262_144
SEND_SECONDS = 30.0
LINE_END = b"\r\n"
END_OF_HEAD = b"\r\n\r\n"
END_OF_CHUNKS = b"0\r\n\r\n"


@dataclass(slots=True)
class Wire:
    """A connection, and what has come of the answer to the request that is under way on it."""

    socket: socket.socket
    number: int = -1
    request: bytes = b""
    kept: bool = False
    received: bytearray = field(default_factory=bytearray)
    expected: int | None = None
    """How long the answer will be, or None as long as it is not known or comes in chunks."""
    body_at: int = 0


class Wires:
    """Connections to one server, each with one request under way at most."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._selector = selectors.DefaultSelector()
        self._idle: list[Wire] = []
        self._busy = 0

    def __len__(self) -> int:
        """Return how many requests are under way."""
        return self._busy

    def send(self, number: int, request: bytes) -> None:
        """Send a whole request; ``collect`` hands out the answer under the same number."""
        wire = self._idle.pop() if self._idle else self._connected()
        wire.number, wire.request, wire.expected, wire.body_at = number, request, None, 0
        wire.received.clear()
        self._busy += 1
        self._deliver(wire)

    def collect(self, seconds: float) -> Iterator[tuple[int, int, bytes]]:
        """Wait so long for answers; yield number, status and body of each that is whole."""
        for key, _ in self._selector.select(seconds):
            wire: Wire = key.data
            chunk = self._read(wire)
            if wire.number < 0:
                # Idle: whatever the server has to say, it is goodbye.
                self._idle.remove(wire)
                self._drop(wire)
            elif not chunk:
                self._try_again(wire)
            elif self._is_whole(wire, chunk):
                yield self._finished(wire)

    def close(self) -> None:
        """Close all connections."""
        for key in list(self._selector.get_map().values()):
            self._drop(key.data)
        self._selector.close()

    def _connected(self) -> Wire:
        wire = Wire(socket.create_connection(self._address, timeout=SEND_SECONDS))
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(wire.socket, selectors.EVENT_READ, wire)
        return wire

    def _deliver(self, wire: Wire) -> None:
        try:
            wire.socket.sendall(wire.request)
        except OSError:
            self._try_again(wire)

    def _try_again(self, wire: Wire) -> None:
        """Send a request over a new connection: the server has just closed the kept one."""
        if not wire.kept or wire.received:
            raise BenchError(f"the server closed a connection after {bytes(wire.received[:200])!r}")
        self._drop(wire)
        self._busy -= 1
        fresh = self._connected()
        fresh.number, fresh.request = wire.number, wire.request
        self._busy += 1
        self._deliver(fresh)

    def _read(self, wire: Wire) -> bytes:
        try:
            return wire.socket.recv(CHUNK_BYTES)
        except OSError:
            return b""

    def _is_whole(self, wire: Wire, chunk: bytes) -> bool:
        wire.received += chunk
        if not wire.body_at:
            end = wire.received.find(END_OF_HEAD)
            if end < 0:
                return False
            wire.body_at = end + len(END_OF_HEAD)
            wire.expected = _length(wire)
        if wire.expected is None:
            return wire.received.endswith(END_OF_CHUNKS, wire.body_at)
        return len(wire.received) >= wire.expected

    def _finished(self, wire: Wire) -> tuple[int, int, bytes]:
        answer = (wire.number, _status(wire), _body(wire))
        wire.number, wire.kept = -1, True
        self._busy -= 1
        if b"connection: close" in _head(wire):
            self._drop(wire)
        else:
            self._idle.append(wire)
        return answer

    def _drop(self, wire: Wire) -> None:
        self._selector.unregister(wire.socket)
        wire.socket.close()


def _head(wire: Wire) -> bytes:
    return bytes(wire.received[: wire.body_at]).lower()


def _status(wire: Wire) -> int:
    return int(wire.received[9:12])


def _length(wire: Wire) -> int | None:
    """Return the length of the whole answer, or None when its body comes in chunks."""
    if _status(wire) == HTTPStatus.NO_CONTENT:
        return wire.body_at
    for line in _head(wire).split(LINE_END):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return wire.body_at + int(value)
    return None


def _body(wire: Wire) -> bytes:
    if wire.expected is not None:
        return bytes(wire.received[wire.body_at :])
    parts: list[bytes] = []
    at = wire.body_at
    while True:
        data_at = wire.received.index(LINE_END, at) + len(LINE_END)
        size = int(wire.received[at:data_at], 16)
        if not size:
            return b"".join(parts)
        parts.append(bytes(wire.received[data_at : data_at + size]))
        at = data_at + size + len(LINE_END)
