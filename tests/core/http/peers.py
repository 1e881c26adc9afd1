"""Peers on 127.0.0.1 that answer byte by byte as a test tells them to."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[[socket.socket, "Peer"], None]
"""What a peer does with a connection, from the first byte to the last."""


@dataclass
class Peer:
    """A listening peer and what reached it."""

    port: int
    tls: bool = False
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def receive(self, connection: socket.socket) -> bytes:
        """Return the next request, head and body, and keep it; empty when the sender is gone."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65_536)
            if not piece:
                return b""
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.partition(b":")[2]):
                    body += connection.recv(65_536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return received


def saying(*answers: bytes) -> Answer:
    """Answer the requests of a connection with ``answers`` in turn, then hang up."""

    def answer(connection: socket.socket, peer: Peer) -> None:
        for text in answers:
            if not peer.receive(connection):
                return
            connection.sendall(text)

    return answer


def keeping_alive(connection: socket.socket, peer: Peer) -> None:
    """Answer every request with 200 for as long as the sender likes."""
    while peer.receive(connection):
        connection.sendall(OK)


@contextlib.contextmanager
def listening(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Run a peer that treats each connection with ``answer``; at the end, wait for it to stop."""
    opened: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(raw: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            connection = stack.enter_context(tls.wrap_socket(raw, server_side=True) if tls else raw)
            opened.append(connection)
            answer(connection, peer)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(20)
                peer.connections += 1
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = Peer(port=listener.getsockname()[1], tls=tls is not None)
        threads.append(threading.Thread(target=accept))
        threads[0].start()
        try:
            yield peer
        finally:
            peer.released.set()
            for one in (listener, *opened):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
