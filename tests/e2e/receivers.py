"""Receivers that do everything wrong until they are well. No library puts right what they say."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from tests.core.http.peers import Peer, keeping_alive, listening

GIGABYTE = 1_000_000_000
PIECE = b"x" * 65_536
SECONDS_PER_BYTE = 1.0
WEBHOOK_ID = b"webhook-id: "


class Receiver:
    """Does what its ailment says, and answers properly from ``heal`` on."""

    peer: Peer

    def __init__(self, ailment: "Ailment") -> None:
        self.bytes_sent = 0
        self.ended = threading.Event()
        self._ailment = ailment
        self._well = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.peer.port}"

    @property
    def seen(self) -> Counter[str]:
        """How often each delivery has arrived, by its id."""
        lines = (line for request in self.peer.requests for line in request.split(b"\r\n"))
        return Counter(
            line.removeprefix(WEBHOOK_ID).decode() for line in lines if line.startswith(WEBHOOK_ID)
        )

    def heal(self) -> None:
        self._well.set()

    def say(self, connection: socket.socket, text: bytes) -> None:
        connection.sendall(text)
        self.bytes_sent += len(text)

    def treat(self, connection: socket.socket, peer: Peer) -> None:
        """Do with a connection what is to be done with it."""
        if self._well.is_set():
            keeping_alive(connection, peer)
        elif peer.receive(connection):
            self._ailment(connection, self)


Ailment = Callable[[socket.socket, Receiver], None]
"""What a receiver does with a connection over which it has got a request."""


@contextmanager
def sick(ailments: Mapping[str, Ailment]) -> Iterator[dict[str, Receiver]]:
    """Run a receiver with each ailment, by its name, while the block runs."""
    with ExitStack() as stack:
        started = {name: Receiver(ailment) for name, ailment in ailments.items()}
        for receiver in started.values():
            receiver.peer = stack.enter_context(listening(receiver.treat))
            stack.callback(receiver.ended.set)
        yield started


def hang(connection: socket.socket, receiver: Receiver) -> None:
    """Never say a word."""
    receiver.ended.wait()


def reset(connection: socket.socket, receiver: Receiver) -> None:
    """Throw the connection away without closing it in order (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket, receiver: Receiver) -> None:
    """Close the connection without a word."""


def saying(text: bytes) -> Ailment:
    """Say this, and close the connection."""

    def answer(connection: socket.socket, receiver: Receiver) -> None:
        receiver.say(connection, text)

    return answer


def falling_silent(text: bytes) -> Ailment:
    """Say this, and nothing more."""

    def answer(connection: socket.socket, receiver: Receiver) -> None:
        receiver.say(connection, text)
        receiver.ended.wait()

    return answer


def dripping(head: bytes, text: bytes) -> Ailment:
    """Say ``head``, and then ``text`` again and again, a byte a second."""

    def answer(connection: socket.socket, receiver: Receiver) -> None:
        receiver.say(connection, head)
        while True:
            for octet in text:
                receiver.say(connection, bytes([octet]))
                if receiver.ended.wait(SECONDS_PER_BYTE):
                    return

    return answer


def flooding(head: bytes, text: bytes = PIECE) -> Ailment:
    """Say ``head``, and then ``text`` again and again, as fast as it is taken."""

    def answer(connection: socket.socket, receiver: Receiver) -> None:
        receiver.say(connection, head)
        while True:
            receiver.say(connection, text)

    return answer


def sending_a_gigabyte(status: bytes) -> Ailment:
    """Announce a body of a gigabyte, and send it as fast as it is taken."""

    def answer(connection: socket.socket, receiver: Receiver) -> None:
        receiver.say(connection, status + b"Content-Length: %d\r\n\r\n" % GIGABYTE)
        for position in range(0, GIGABYTE, len(PIECE)):
            receiver.say(connection, PIECE[: GIGABYTE - position])

    return answer
