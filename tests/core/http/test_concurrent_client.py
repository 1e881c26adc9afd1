import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from pytest_django.fixtures import Settings

from core.http import (
    ConcurrentClient,
    EgressPolicy,
    InvalidHeaderError,
    InvalidMethodError,
    InvalidUrlError,
    MalformedResponseError,
    RequestRefusedError,
    Response,
    UnreachableError,
)
from tests.core.http.clients import LIMIT, Results, collect_all, start
from tests.core.http.crowds import crowding
from tests.core.http.peers import OK, Answer, Peer, keeping_alive, saying

StartPeer = Callable[[Answer], Peer]


def test_requests_are_under_way_at_the_same_time(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    everybody_is_here = threading.Barrier(20)

    def answer(connection: socket.socket, peer: Peer) -> None:
        request = peer.receive(connection)
        everybody_is_here.wait(10)
        path = request.split()[1]
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(path) + path)

    peer = start_peer(answer)

    for number in range(20):
        start(many, peer.url(f"/{number}"), f"/{number}")
    in_flight = len(many)
    results = collect_all(many)

    assert (in_flight, len(results), peer.connections) == (20, 20, 20)
    assert all(
        isinstance(result, Response) and result.body.decode() == token
        for token, result in results.items()
    )


def test_half_of_500_that_do_not_answer_delay_none_of_the_others(
    many: ConcurrentClient[str],
) -> None:
    fast: Results = {}

    with crowding() as crowd:
        for number in range(500):
            start(many, crowd.url("/slow" if number % 2 else "/fast"), str(number))
        while len(fast) < 250:
            results = many.collect(10)
            assert results
            fast.update(results)

        assert (len(many), crowd.answered) == (250, 250)
        assert {type(result) for result in fast.values()} == {Response}
        assert all(int(token) % 2 == 0 for token in fast)
        for number in range(10):
            start(many, crowd.url("/fast"), f"later {number}")
        later = dict(many.collect(10))

        assert later
        assert all(token.startswith("later") for token in later)


REFUSED: dict[str, tuple[str, str, dict[str, str], bytes, type[RequestRefusedError]]] = {
    "header": ("POST", "/", {"X-Order": "1\r\nX-Injected: 1"}, b"", InvalidHeaderError),
    "url": ("POST", "/a\r\nb", {}, b"", InvalidUrlError),
    "method": ("CONNECT", "/", {}, b"", InvalidMethodError),
    "body-of-a-head": ("HEAD", "/", {}, b"{}", InvalidMethodError),
}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "error"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_can_be_refused_at_once_is_never_under_way(  # noqa: PLR0917 - the columns of a table
    many: ConcurrentClient[str],
    start_peer: StartPeer,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    error: type[RequestRefusedError],
) -> None:
    peer = start_peer(keeping_alive)

    with pytest.raises(error):
        many.start("only", method, peer.url(path), headers=headers, body=body, timeout=LIMIT)

    assert (len(many), many.collect(0), peer.connections) == (0, [], 0)


def test_nothing_of_a_request_is_in_the_next_one(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    first, second = start_peer(keeping_alive), start_peer(keeping_alive)
    many.start(
        "first",
        "PUT",
        first.url("/first?token=s3cret"),
        headers={"Authorization": "Bearer s3cret", "Cookie": "s3cret=1", "X-Empty": ""},
        body=b"s3cret",
        timeout=LIMIT,
    )
    collect_all(many)

    many.start("second", "GET", second.url("/second"), headers={}, body=b"", timeout=LIMIT)
    collect_all(many)

    assert b"X-Empty:\r\n" in first.requests[0]
    assert second.requests == [
        (
            "GET /second HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{second.port}\r\n"
            "User-Agent: Patchbay/0.1.0\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: identity\r\n\r\n"
        ).encode()
    ]


def test_new_settings_are_in_force_at_once_and_open_new_connections(
    settings: Settings, start_peer: StartPeer
) -> None:
    settings.OUTBOUND_HTTPS_ONLY = False
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    peer = start_peer(keeping_alive)

    with closing(ConcurrentClient[str]()) as client:
        for _ in range(2):
            start(client, peer.url())
            collect_all(client)
        kept = peer.connections
        start(client, peer.url("/before"), "before")
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
        start(client, peer.url("/after"), "after")
        results = collect_all(client)
        settings.OUTBOUND_ALLOWED_NETWORKS = []
        with pytest.raises(RequestRefusedError):
            start(client, peer.url())

    assert (kept, peer.connections, len(peer.requests)) == (1, 2, 4)
    assert [type(results[token]) for token in ("before", "after")] == [Response, Response]


def test_a_kept_connection_that_dies_without_a_byte_is_replaced_without_a_word(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(saying(OK, b""))
    start(many, peer.url("/1"))
    collect_all(many)

    start(many, peer.url("/2"), "second")
    result = collect_all(many)["second"]

    assert isinstance(result, Response)
    assert [request.split()[1] for request in peer.requests] == [b"/1", b"/2", b"/2"]


def test_a_kept_connection_that_dies_in_its_answer_is_a_failure(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(saying(OK, b"HTTP/1.1 200 OK\r\n"))
    start(many, peer.url("/1"))
    collect_all(many)

    start(many, peer.url("/2"), "second")
    result = collect_all(many)["second"]

    assert isinstance(result, MalformedResponseError)
    assert [request.split()[1] for request in peer.requests] == [b"/1", b"/2"]


def test_a_request_that_goes_out_first_on_its_connection_is_never_repeated(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(saying(b""))

    start(many, peer.url(), "only")
    result = collect_all(many)["only"]

    assert isinstance(result, UnreachableError)
    assert str(result) == "127.0.0.1 hung up without an answer"
    assert len(peer.requests) == 1


def test_closing_breaks_off_what_is_under_way_and_closes_every_connection(
    local_policy: EgressPolicy,
) -> None:
    client = ConcurrentClient[str](policy=local_policy)

    with crowding() as crowd:
        for number in range(20):
            start(client, crowd.url("/slow" if number % 2 else "/fast"), str(number))
        client.collect(10)
        client.close()
        until = time.monotonic() + 10
        while crowd.left < crowd.joined and time.monotonic() < until:
            time.sleep(0.01)

        assert len(client) == 0
        assert crowd.left == crowd.joined


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_is_told_to_make_its_own(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    start(many, peer.url("/parent"))
    collect_all(many)

    child = os.fork()
    if child == 0:
        try:
            start(many, peer.url("/child"))
        except RuntimeError:
            os._exit(0)
        finally:
            os._exit(1)
    _, exit_status = os.waitpid(child, 0)
    start(many, peer.url("/parent"))
    collect_all(many)

    assert (exit_status, peer.connections, len(peer.requests)) == (0, 1, 2)
