"""The walls behind the wall: what holds even if an address came this far that should not have."""

import logging
import os
import resource
from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_address

import pycurl
import pytest

from core.http import AddressRefusedError, ConcurrentClient, EgressPolicy, UnreachableError
from core.http.curl_errors import translated
from core.http.kept import KeptConnections
from core.http.transfers import FIXED_OPTIONS, Job, Target, Transfer
from core.http.vetting import Route
from tests.core.http.clients import collect_all, start
from tests.core.http.peers import Answer, Peer, keeping_alive

StartPeer = Callable[[Answer], Peer]

LOOPBACK = Route.to([ip_address("127.0.0.1")])


def perform(policy: EgressPolicy, peer: Peer, *, route: Route, pin: str) -> tuple[int, object]:
    """Send a request along ``route``; return what libcurl calls it and what we say about it."""
    transfer = Transfer[str](policy, FIXED_OPTIONS, KeptConnections())
    target = Target(
        url=peer.url(host="hooks.example"),
        host="hooks.example",
        port=peer.port,
        encrypted=False,
        pin=pin,
        route=None,
    )
    job = Job(
        token="",
        caller="",
        method="GET",
        target=target,
        header_lines=[],
        body=b"",
        started=0.0,
        deadline=0.0,
    )
    transfer.load(job, route, milliseconds=5_000, max_response_bytes=100, anew=False)
    with closing(pycurl.CurlMulti()) as multi:
        multi.add_handle(transfer.handle)
        while multi.perform()[1]:
            multi.select(0.1)
        _, _, failed = multi.info_read()
    transfer.handle.close()
    return failed[0][1] if failed else pycurl.E_OK, transfer.failure


def test_a_judged_address_is_reached(local_policy: EgressPolicy, start_peer: StartPeer) -> None:
    peer = start_peer(keeping_alive)

    code, failure = perform(local_policy, peer, route=LOOPBACK, pin=f"+hooks.example:{peer.port}:")

    assert (code, failure, peer.connections) == (pycurl.E_OK, None, 1)


def test_a_socket_is_not_opened_to_an_address_that_the_policy_refuses(
    start_peer: StartPeer, caplog: pytest.LogCaptureFixture
) -> None:
    peer = start_peer(keeping_alive)
    strict = EgressPolicy(https_only=False)

    with caplog.at_level(logging.WARNING, "core.http"):
        _, failure = perform(strict, peer, route=LOOPBACK, pin=f"+hooks.example:{peer.port}:")

    assert isinstance(failure, AddressRefusedError)
    assert peer.connections == 0
    assert [record.__dict__["address"] for record in caplog.records] == ["127.0.0.1"]


def test_a_socket_is_not_opened_to_an_address_that_nobody_judged(
    local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    other = Route(addresses=(ip_address("127.0.0.2"),), text="127.0.0.1")

    _, failure = perform(local_policy, peer, route=other, pin=f"+hooks.example:{peer.port}:")

    assert isinstance(failure, AddressRefusedError)
    assert peer.connections == 0


def test_libcurl_never_asks_a_name_server_itself(
    local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)

    code, _ = perform(local_policy, peer, route=LOOPBACK, pin=f"+other.example:{peer.port}:")

    assert code in {pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_ABORTED_BY_CALLBACK}
    assert peer.connections == 0


def test_a_process_that_can_open_no_more_sockets_says_so(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    start(many, peer.url("/1"))
    collect_all(many)
    next_descriptor = os.dup(0)
    os.close(next_descriptor)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    start(many, "http://127.0.0.1:9999/")
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_descriptor, hard))
    try:
        result = collect_all(many)["only"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert isinstance(result, UnreachableError)
    assert str(result) == "the connection to 127.0.0.1 failed: Too many open files"


CODES = {
    "no-connection": (7, "Failed to connect to 10.0.0.7", 111, "failed: Connection refused"),
    "no-reason": (7, "Failed to connect to 10.0.0.7", 0, "failed: lost"),
    "time": (28, "Operation timed out after 10.0.0.7", 0, "did not complete its answer in time"),
    "reset": (56, "Recv failure: Connection reset by peer", 104, "closed the connection"),
    "no-route": (56, "Recv failure: No route to host", 113, "failed: No route to host"),
    "framing": (56, "chunk hex-length longer than 17", 111, "is broken or ends before"),
    "cut-tls": (
        56,
        "SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0",
        0,
        "closed the connection",
    ),
    "broken-tls": (
        56,
        "SSL_read: error:0A000119:SSL routines::bad record mac, errno 0",
        0,
        "came about: bad record mac",
    ),
    "no-tls-reason": (35, "something else", 0, "came about: protocol error"),
    "unheard-of": (99, "at 10.0.0.7", 0, "the connection to hooks.example failed: lost"),
}


@pytest.mark.parametrize(
    ("code", "message", "system_error", "words"), CODES.values(), ids=CODES.keys()
)
def test_what_libcurl_says_becomes_a_sentence_without_an_address(
    code: int, message: str, system_error: int, words: str
) -> None:
    error = translated(
        code, message, system_error=system_error, host="hooks.example", literal=False
    )

    assert words in str(error)
    assert "hooks.example" in str(error)
    assert "10.0.0.7" not in str(error)
    assert error.retryable is True
