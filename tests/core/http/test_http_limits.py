import socket
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.http import EgressPolicy, MalformedResponseError
from tests.core.http.clients import AnyClient
from tests.core.http.peers import OK, Answer, Peer, saying

StartPeer = Callable[[Answer], Peer]

LONG = timedelta(seconds=10)


def _flooding(head: bytes, flood: bytes) -> Answer:
    """Send ``head``, then ``flood`` without end."""

    def answer(connection: socket.socket, peer: Peer) -> None:
        peer.receive(connection)
        connection.sendall(head)
        while True:
            connection.sendall(flood * 64)

    return answer


ENDLESS_BODIES = {
    "until-closed": b"HTTP/1.1 200 OK\r\n\r\n",
    "announced": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000000000\r\n\r\n",
    "error": b"HTTP/1.1 500 Oops\r\n\r\n",
}


@pytest.mark.parametrize("head", ENDLESS_BODIES.values(), ids=ENDLESS_BODIES.keys())
def test_of_an_endless_body_only_the_first_bytes_are_read(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, head: bytes
) -> None:
    peer = start_peer(_flooding(head, b"x" * 1_000))

    response = client.request(
        "GET", peer.url(), timeout=LONG, max_response_bytes=1_000, policy=local_policy
    )

    assert (response.body, response.truncated) == (b"x" * 1_000, True)
    assert response.duration < LONG / 2


def test_an_endless_chunked_body_is_truncated(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    peer = start_peer(_flooding(head, b"3\r\nabc\r\n"))

    response = client.request(
        "GET", peer.url(), timeout=LONG, max_response_bytes=5, policy=local_policy
    )

    assert (response.body, response.truncated) == (b"abcab", True)


@pytest.mark.parametrize(("length", "truncated"), [(99, False), (100, False), (101, True)])
def test_a_body_is_truncated_only_beyond_the_limit(
    client: AnyClient,
    local_policy: EgressPolicy,
    start_peer: StartPeer,
    length: int,
    truncated: bool,
) -> None:
    text = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length
    peer = start_peer(saying(text))

    response = client.request(
        "GET", peer.url(), timeout=LONG, max_response_bytes=100, policy=local_policy
    )

    assert (len(response.body), response.truncated) == (min(length, 100), truncated)


def test_the_rest_of_a_truncated_body_is_never_taken_for_the_next_answer(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    long_body = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + OK * 8_000
    peer = start_peer(saying(long_body, OK))

    responses = [
        client.request("GET", peer.url(), timeout=LONG, max_response_bytes=8, policy=local_policy)
        for _ in range(2)
    ]

    assert [response.body for response in responses] == [b"HTTP/1.1"] * 2
    assert peer.connections == 2


FLOODS = {
    "status-line": (b"HTTP/1.1 200 ", b"x"),
    "header-line": (b"HTTP/1.1 200 OK\r\nX-A: ", b"x"),
    "header-lines": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "long-header-lines": (b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 9_000 + b"\r\n"),
    "interim-answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunk-size": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "chunk-extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "negative-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", b"x"),
    "trailers": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
}


@pytest.mark.parametrize(("head", "flood"), FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_around_the_content_is_cut_off_before_the_deadline(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, head: bytes, flood: bytes
) -> None:
    peer = start_peer(_flooding(head, flood))

    with pytest.raises(MalformedResponseError):
        client.request("GET", peer.url(), timeout=LONG, policy=local_policy)
