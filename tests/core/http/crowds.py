"""A peer for hundreds of connections at once, on one thread."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.core.http.peers import OK


@dataclass
class Crowd:
    """Answers every request at once, except those whose path begins with /slow."""

    port: int
    joined: int = 0
    left: int = 0
    answered: int = 0
    held: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextlib.contextmanager
def crowding() -> Iterator[Crowd]:
    with (
        selectors.DefaultSelector() as selector,
        socket.create_server(("127.0.0.1", 0), backlog=1_024) as listener,
    ):
        crowd = Crowd(port=listener.getsockname()[1])
        selector.register(listener, selectors.EVENT_READ)
        thread = threading.Thread(target=_serve, args=(crowd, selector, listener))
        thread.start()
        try:
            yield crowd
        finally:
            crowd.ended.set()
            thread.join()


def _serve(crowd: Crowd, selector: selectors.BaseSelector, listener: socket.socket) -> None:
    with contextlib.ExitStack() as opened:
        while not crowd.ended.is_set():
            for key, _ in selector.select(0.05):
                if key.fd == listener.fileno():
                    connection = opened.enter_context(listener.accept()[0])
                    selector.register(connection, selectors.EVENT_READ)
                    crowd.joined += 1
                elif isinstance(key.fileobj, socket.socket):
                    _answer(crowd, selector, key.fileobj)


def _answer(crowd: Crowd, selector: selectors.BaseSelector, connection: socket.socket) -> None:
    request = b""
    with contextlib.suppress(ConnectionResetError):
        request = connection.recv(65_536)
    if not request:
        selector.unregister(connection)
        crowd.left += 1
    elif b" /slow" in request:
        crowd.held += 1
    else:
        connection.sendall(OK)
        crowd.answered += 1
