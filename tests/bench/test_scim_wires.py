"""The light client: what it sends, and every way in which a server may answer."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.errors import BenchError
from bench.scim.wires import Wires

REQUEST = b"GET /Users HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
# The head alone ends as chunks do.
CHUNKS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nLocation: /Users/700\r\n\r\n"
    b"5\r\n{'a':\r\n3\r\n 1}\r\n0\r\n\r\n"
)
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlast"


@contextmanager
def server(*connections: tuple[bytes, ...]) -> Iterator[Wires]:
    """Accept as many connections; on each give its answers, one for each request, then close it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answers in connections:
                accepted, _ = listening.accept()
                with accepted:
                    for answer in answers:
                        accepted.recv(1_000)
                        # Byte by byte, as the worst network there is.
                        for byte in answer:
                            accepted.sendall(bytes([byte]))

        thread = threading.Thread(target=serve)
        thread.start()
        wires = Wires("127.0.0.1", listening.getsockname()[1])
        yield wires
        wires.close()
        thread.join()


def collected(wires: Wires, count: int) -> list[tuple[int, int, bytes]]:
    """Return so many answers."""
    deadline = time.monotonic() + 10
    found: list[tuple[int, int, bytes]] = []
    while len(found) < count and time.monotonic() < deadline:
        found += list(wires.collect(0.1))
    return found


def asked(wires: Wires, *numbers: int) -> list[tuple[int, int, bytes]]:
    """Send one request after the other; return the answers."""
    found = []
    for number in numbers:
        wires.send(number, REQUEST)
        found += collected(wires, 1)
    return found


def test_answers_of_every_kind_come_over_one_connection() -> None:
    with server((CREATED, CHUNKS, EMPTY, CHUNKS)) as wires:
        found = asked(wires, 7, 8, 9, 10)

    assert found == [
        (7, 201, b"{}"),
        (8, 200, b"{'a': 1}"),
        (9, 204, b""),
        (10, 200, b"{'a': 1}"),
    ]


def test_a_server_that_takes_its_leave_is_called_again() -> None:
    with server((CREATED, LAST), (CREATED,)) as wires:
        found = asked(wires, 1, 2, 3)

    assert found == [(1, 201, b"{}"), (2, 200, b"last"), (3, 201, b"{}")]


def test_a_request_goes_again_over_a_new_connection_when_the_kept_one_is_gone() -> None:
    with server((CREATED,), (CREATED,)) as wires:
        found = asked(wires, 1, 2)

    assert found == [(1, 201, b"{}"), (2, 201, b"{}")]


def test_half_an_answer_is_an_error() -> None:
    with server((CREATED[:20],)) as wires:
        wires.send(1, REQUEST)

        with pytest.raises(BenchError, match=r"after b'HTTP/1\.1 201 Created"):
            collected(wires, 1)


def test_as_many_requests_are_under_way_as_were_sent() -> None:
    with server((CREATED,), (CREATED,)) as wires:
        wires.send(1, REQUEST)
        wires.send(2, REQUEST)
        under_way = len(wires)
        found = collected(wires, 2)

        assert under_way == 2
        assert sorted(found) == [(1, 201, b"{}"), (2, 201, b"{}")]
        assert len(wires) == 0
