from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http import (
    ConcurrentClient,
    EgressPolicy,
    HttpError,
    MalformedResponseError,
    Response,
    UnreachableError,
)
from core.http.chunks import ChunkedBody
from tests.core.http.clients import collect_all, start
from tests.core.http.peers import OK, Answer, Peer, saying

StartPeer = Callable[[Answer], Peer]

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

BROKEN = {
    "closed-in-the-status-line": (b"HTTP/1.1 2", UnreachableError),
    "closed-in-the-headers": (b"HTTP/1.1 200 OK\r\nX-A: b\r\n", MalformedResponseError),
    "interim-only": (b"HTTP/1.1 100 Continue\r\n\r\n", UnreachableError),
    "null-in-a-header": (OK.replace(b"\r\n\r\n", b"\r\nX: a\x00\r\n\r\n"), MalformedResponseError),
    "no-colon": (OK.replace(b"\r\n\r\n", b"\r\nX\r\n\r\n"), MalformedResponseError),
    "two-lengths": (
        OK.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"),
        MalformedResponseError,
    ),
    "another-coding": (
        CHUNKED.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n",
        MalformedResponseError,
    ),
    "another-coding-in-a-line-of-its-own": (
        CHUNKED.replace(b"chunked", b"gzip\r\nTransfer-Encoding: chunked") + b"0\r\n\r\n",
        MalformedResponseError,
    ),
}


@pytest.mark.parametrize(("text", "error"), BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_is_not_whole_is_an_error_that_may_pass(
    many: ConcurrentClient[str], start_peer: StartPeer, text: bytes, error: type[HttpError]
) -> None:
    peer = start_peer(saying(text))

    start(many, peer.url())
    result = collect_all(many)["only"]

    assert type(result) is error
    assert len(peer.requests) == 1


WHOLE = {
    "content-coding-is-left-alone": (
        OK.replace(b"\r\n\r\n", b"\r\nContent-Encoding: " + b"gzip, " * 50 + b"gzip\r\n\r\n"),
        b"ok",
    ),
    "until-closed": (b"HTTP/1.0 200 OK\r\n\r\nall of it", b"all of it"),
    "chunks": (CHUNKED + b"2;name=value\r\nok\r\n0\r\nTrailer: x\r\n\r\n", b"ok"),
    "no-chunk": (CHUNKED + b"0\r\n\r\n", b""),
    "after-interim-answers": (b"HTTP/1.1 103 Early Hints\r\nX: a\r\n\r\n" * 3 + OK, b"ok"),
    "folded-header": (OK.replace(b"\r\n\r\n", b"\r\nX-A: b\r\n  c\r\n\r\n"), b"ok"),
}


@pytest.mark.parametrize(("text", "body"), WHOLE.values(), ids=WHOLE.keys())
def test_an_unusual_answer_is_received(
    many: ConcurrentClient[str], start_peer: StartPeer, text: bytes, body: bytes
) -> None:
    peer = start_peer(saying(text))

    start(many, peer.url())
    result = collect_all(many)["only"]

    assert isinstance(result, Response)
    assert (result.status_code, result.body, result.truncated) == (200, body, False)
    assert result.header("X") is None
    assert result.header("Trailer") is None


def test_headers_come_in_the_order_of_the_wire(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    lines = b"\r\nSet-Cookie: a\r\nX-B: \x07\xe9\r\nset-cookie: c\r\n\r\n"
    peer = start_peer(saying(OK.replace(b"\r\n\r\n", lines)))

    start(many, peer.url())
    result = collect_all(many)["only"]

    assert isinstance(result, Response)
    assert result.headers == (
        ("Content-Length", "2"),
        ("Set-Cookie", "a"),
        ("X-B", "\ufffd\u00e9"),
        ("set-cookie", "c"),
    )


def test_a_truncated_body_leaves_no_connection_behind(
    local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(saying(OK, OK))

    with closing(ConcurrentClient[str](policy=local_policy, max_response_bytes=1)) as client:
        for _ in range(2):
            start(client, peer.url())
            result = collect_all(client)["only"]
            assert isinstance(result, Response)
            assert (result.body, result.truncated) == (b"o", True)
            assert timedelta() < result.duration

    assert peer.connections == 2


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=30), max_size=5),
    cuts=st.lists(st.integers(min_value=0, max_value=200), max_size=8),
    max_bytes=st.integers(min_value=0, max_value=200),
)
def test_chunks_are_joined_however_the_wire_cuts_them(
    pieces: list[bytes], cuts: list[int], max_bytes: int
) -> None:
    content = b"".join(pieces)
    text = b"".join(b"%X;x=y\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    body = ChunkedBody(max_bytes)

    for begin, end in pairwise(sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})):
        body.feed(text[begin:end])

    assert bytes(body.content) == content[:max_bytes]
    assert body.truncated is (len(content) > max_bytes)
    assert body.ended is not body.truncated
    assert body.malformed is False


@pytest.mark.parametrize(
    "text", [b"x\r\n", b"\r\n", b"-1\r\n", b"1\r\nabc\r\n", b"1;" + b"x" * 5_000]
)
def test_what_is_not_the_chunked_coding_is_recognized(text: bytes) -> None:
    body = ChunkedBody(100)

    for octet in text:
        body.feed(bytes([octet]))

    assert (body.malformed, body.ended) == (True, False)
