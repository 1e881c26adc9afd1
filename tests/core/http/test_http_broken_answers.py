import logging
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.http import (
    Client,
    EgressPolicy,
    HttpError,
    MalformedResponseError,
    TransportError,
    UnreachableError,
)
from tests.core.http.clients import AnyClient, ClientType, OneAtATime
from tests.core.http.peers import OK, Answer, Peer, listening, saying

StartPeer = Callable[[Answer], Peer]

LONG = timedelta(seconds=10)


def _resetting(*parts: bytes) -> Answer:
    """Send ``parts``, then reset the connection."""

    def answer(connection: socket.socket, peer: Peer) -> None:
        peer.receive(connection)
        connection.sendall(b"".join(parts))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return answer


BROKEN = {
    "reset-at-once": (_resetting(), UnreachableError),
    "reset-in-the-headers": (_resetting(b"HTTP/1.1 200 OK\r\nX-A"), UnreachableError),
    "reset-in-the-body": (_resetting(OK[:-1]), UnreachableError),
    "closed-at-once": (saying(b""), UnreachableError),
    "closed-in-the-body": (saying(OK[:-1]), MalformedResponseError),
    "closed-in-a-chunk": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        MalformedResponseError,
    ),
    "no-chunk-size": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        MalformedResponseError,
    ),
    "another-protocol": (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), MalformedResponseError),
    "another-version": (saying(b"HTTP/2.0 200 OK\r\n\r\n"), MalformedResponseError),
    "no-status": (saying(b"HTTP/1.1 \r\n\r\n"), MalformedResponseError),
    "status-in-words": (saying(b"HTTP/1.1 fine\r\n\r\n"), MalformedResponseError),
    "status-of-four-digits": (saying(b"HTTP/1.1 2000 OK\r\n\r\n"), MalformedResponseError),
    "switching-protocols": (
        saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        MalformedResponseError,
    ),
}


@pytest.mark.parametrize(("answer", "error"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_a_clear_error_that_may_pass(
    client: AnyClient,
    local_policy: EgressPolicy,
    start_peer: StartPeer,
    answer: Answer,
    error: type[TransportError],
) -> None:
    peer = start_peer(answer)

    with pytest.raises(error, match=r"127\.0\.0\.1") as caught:
        client.request("POST", peer.url(), timeout=LONG, policy=local_policy)

    assert caught.value.retryable is True
    assert len(peer.requests) == 1


def test_a_port_where_nobody_listens_is_unreachable(
    client: AnyClient, local_policy: EgressPolicy
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(UnreachableError, match="Connection refused"):
        client.request("GET", f"http://127.0.0.1:{port}/", timeout=LONG, policy=local_policy)


def test_an_answer_given_before_the_whole_body_was_read_is_received(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    def answer(connection: socket.socket, peer: Peer) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1_000_000):
            pass

    peer = start_peer(answer)

    response = client.request(
        "POST", peer.url(), body=bytes(2_000_000), timeout=LONG, policy=local_policy
    )

    assert response.status_code == 413


@pytest.mark.parametrize("delay", [0.0, 0.02], ids=["at-once", "later"])
def test_a_second_answer_that_nobody_asked_for_is_never_taken_for_the_next_one(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, delay: float
) -> None:
    def answer(connection: socket.socket, peer: Peer) -> None:
        while peer.receive(connection):
            connection.sendall(OK)
            peer.released.wait(delay)
            connection.sendall(OK.replace(b"ok", b"no"))

    peer = start_peer(answer)

    first = client.request("GET", peer.url(), timeout=LONG, policy=local_policy)
    time.sleep(0.1)
    second = client.request("GET", peer.url(), timeout=LONG, policy=local_policy)

    assert (first.body, second.body) == (b"ok", b"ok")


def test_a_connection_that_the_peer_closed_in_between_is_opened_anew(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(saying(OK))

    for _ in range(3):
        response = client.request("GET", peer.url(), timeout=LONG, policy=local_policy)
        assert response.body == b"ok"
        time.sleep(0.05)

    assert peer.connections == 3


def test_a_header_that_cannot_be_read_does_not_bring_the_url_into_the_log(
    client: AnyClient,
    local_policy: EgressPolicy,
    start_peer: StartPeer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    peer = start_peer(saying(OK.replace(b"\r\n\r\n", b"\r\n: nameless\r\nX-A: b\r\n\r\n")))

    with caplog.at_level(logging.DEBUG):
        client.request("GET", peer.url("/?token=s3cret"), timeout=LONG, policy=local_policy)

    assert caplog.text == ""


class _Script:
    """A peer for many examples: it says to each connection what was set last."""

    text = b""

    def __call__(self, connection: socket.socket, peer: Peer) -> None:
        peer.receive(connection)
        connection.sendall(self.text)


@pytest.fixture(scope="module")
def script_and_peer() -> Iterator[tuple[_Script, Peer]]:
    script = _Script()
    with listening(script) as peer:
        yield script, peer


STATUS_LINES = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 404\r\n",
        b"HTTP/1.1 302 Found\r\n",
        b"HTTP/1.1 204 \r\n",
    ]
)
HEADER_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"Content-Length: 3\r\n",
                b"Content-Length: -7\r\n",
                b"Content-Length: \xb2\r\n",
                b"Content-Encoding: gzip\r\n",
                b"Content-Type: multipart/mixed; boundary=x\r\n",
                b"Content-Type: message/rfc822; charset=\x00\r\n",
                b"Location: http://[::1\xff%\r\n",
                b"Set-Cookie: a=\xff; expires=Mon, 99\r\n",
                b"Transfer-Encoding: chunked\r\n",
                b" folded: \r\n",
                b": nameless\r\n",
            ]
        ),
        st.binary(max_size=20).map(lambda text: text + b"\r\n"),
    ),
    max_size=5,
)
BODIES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"3\r\nabc\r\n0\r\n\r\n", b"-2\r\nabc", b"ffffffffff\r\n"]),
)


def _head(status: bytes, lines: list[bytes], end: bytes) -> bytes:
    return status + b"".join(lines) + end


@pytest.mark.parametrize("client_type", [Client, OneAtATime])
@settings(max_examples=200, deadline=None)
@given(
    head=st.builds(_head, STATUS_LINES, HEADER_LINES, st.sampled_from([b"\r\n", b""])), body=BODIES
)
def test_whatever_is_answered_nothing_but_an_http_error_escapes(
    client_type: ClientType,
    script_and_peer: tuple[_Script, Peer],
    head: bytes,
    body: bytes,
) -> None:
    script, peer = script_and_peer
    script.text = head + body
    policy = EgressPolicy(https_only=False, allowed_networks=(ip_network("127.0.0.0/8"),))

    with suppress(HttpError), closing(client_type()) as client:
        client.request("GET", peer.url(), timeout=LONG, policy=policy)
