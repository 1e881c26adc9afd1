import itertools
import socket
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.http import DeadlineError, EgressPolicy
from tests.core.http.clients import AnyClient
from tests.core.http.peers import OK, Answer, Peer, saying

StartPeer = Callable[[Answer], Peer]

SHORT = timedelta(milliseconds=300)


def _dripping(*parts: bytes, then: bytes) -> Answer:
    """Send ``parts``, then a piece of ``then`` every 20 ms for as long as the peer lives."""

    def answer(connection: socket.socket, peer: Peer) -> None:
        peer.receive(connection)
        connection.sendall(b"".join(parts))
        for octet in itertools.cycle(then):
            connection.sendall(bytes([octet]))
            if peer.released.wait(0.02):
                return

    return answer


def _stopping_after(text: bytes) -> Answer:
    """Send ``text`` and nothing more, without closing the connection."""

    def answer(connection: socket.socket, peer: Peer) -> None:
        peer.receive(connection)
        connection.sendall(text)
        peer.released.wait()

    return answer


def _deaf(connection: socket.socket, peer: Peer) -> None:
    peer.released.wait()


OVERDUE = {
    "silent": _stopping_after(b""),
    "status-line-byte-by-byte": _dripping(then=b"HTTP/1.1 200 OK "),
    "headers-byte-by-byte": _dripping(b"HTTP/1.1 200 OK\r\n", then=b"X-A: b\r\n"),
    "interim-answers-without-end": _dripping(then=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body-byte-by-byte": _dripping(OK.replace(b"2\r\n\r\n", b"999\r\n\r\n"), then=b"x"),
    "chunks-byte-by-byte": _dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", then=b"1\r\nx\r\n"
    ),
    "body-that-never-comes": _stopping_after(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
}


@pytest.mark.parametrize("answer", OVERDUE.values(), ids=OVERDUE.keys())
def test_a_peer_that_takes_its_time_is_cut_off_at_the_deadline(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, answer: Answer
) -> None:
    peer = start_peer(answer)
    started = time.monotonic()

    with pytest.raises(DeadlineError, match=r"^127\.0\.0\.1 did not complete its answer in time$"):
        client.request("POST", peer.url(), timeout=SHORT, policy=local_policy)

    assert timedelta(seconds=time.monotonic() - started) >= SHORT


def test_a_peer_that_does_not_read_is_cut_off_at_the_deadline(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(_deaf)

    with pytest.raises(DeadlineError):
        client.request(
            "POST", peer.url(), body=bytes(20_000_000), timeout=SHORT, policy=local_policy
        )


@pytest.mark.parametrize("timeout", [timedelta(), timedelta(seconds=-1)])
def test_no_time_at_all_is_a_missed_deadline(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, timeout: timedelta
) -> None:
    peer = start_peer(_stopping_after(b""))

    with pytest.raises(DeadlineError):
        client.request("GET", peer.url(), timeout=timeout, policy=local_policy)

    assert peer.connections == 0


def test_a_timeout_beyond_all_measure_is_cut_to_an_hour(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(saying(OK))

    response = client.request("GET", peer.url(), timeout=timedelta.max, policy=local_policy)

    assert response.status_code == 200
