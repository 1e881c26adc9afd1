"""``python -m bench.sinks SECONDS``: a receiver that notes when each request came.

It answers 204 after so many seconds; any number of requests wait at the same time, on one thread.
Prints its port first. When its standard input ends, it prints the arrivals as JSON, a list of
[nanoseconds since 1970, id of the event], and goes.
"""

import contextlib
import heapq
import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
ADDRESS = "127.0.0.1"
BACKLOG = 4_096
CHUNK_BYTES = 65_536
HEADERS_END = b"\r\n\r\n"


@dataclass(eq=False, slots=True, kw_only=True)
class Caller:
    """A connection and what of its current request has come so far."""

    connection: socket.socket
    seen: bytes = b""

    def body(self) -> bytes | None:
        """Take a request that is complete and return its body; None while some of it is missing."""
        head, end, rest = self.seen.partition(HEADERS_END)
        if not end:
            return None
        length = content_length(head)
        if len(rest) < length:
            return None
        self.seen = rest[length:]
        return rest[:length]


def content_length(head: bytes) -> int:
    """Return what the header of that name says; 0 without one."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@dataclass(slots=True, kw_only=True)
class Sink:
    """The receiver; ``arrivals`` are the moments and bodies of the requests that came."""

    delay_seconds: float
    arrivals: list[tuple[int, bytes]] = field(default_factory=list)
    _waiting: list[tuple[float, int, Caller]] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def serve(self, listener: socket.socket, until: int) -> None:
        """Answer until the file descriptor ``until`` has something to read, or has ended."""
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(until, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select(self._patience()):
                if key.fd == until:
                    return
                if isinstance(key.data, Caller):
                    self._read(key.data)
                else:
                    self._accept(listener)
            self._answer_what_is_due()

    def _patience(self) -> float | None:
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            connection, _ = listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            caller = Caller(connection=connection)
            self._selector.register(connection, selectors.EVENT_READ, caller)

    def _read(self, caller: Caller) -> None:
        try:
            chunk = caller.connection.recv(CHUNK_BYTES)
        except OSError:
            chunk = b""
        if not chunk:
            self._selector.unregister(caller.connection)
            caller.connection.close()
            return
        caller.seen += chunk
        while (body := caller.body()) is not None:
            self.arrivals.append((time.time_ns(), body))
            if self.delay_seconds:
                due = time.monotonic() + self.delay_seconds
                heapq.heappush(self._waiting, (due, len(self.arrivals), caller))
            else:
                _answer(caller)

    def _answer_what_is_due(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            _answer(heapq.heappop(self._waiting)[2])


def _answer(caller: Caller) -> None:
    # Who has given up waiting is noticed when there is something to read: its end.
    with contextlib.suppress(OSError):
        caller.connection.send(ANSWER)


def main() -> int:
    """Serve at a free port of this machine until standard input ends."""
    sink = Sink(delay_seconds=float(sys.argv[1]))
    with socket.create_server((ADDRESS, 0), backlog=BACKLOG) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        sink.serve(listener, sys.stdin.fileno())
    arrivals = [(moment, json.loads(body)["id"]) for moment, body in sink.arrivals]
    sys.stdout.write(f"{json.dumps(arrivals)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
