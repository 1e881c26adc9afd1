import socket
import time
from collections.abc import Callable
from datetime import timedelta

from core.http import ConcurrentClient, DeadlineError
from tests.core.http.clients import Results, start
from tests.core.http.crowds import crowding
from tests.core.http.peers import Answer, Peer, keeping_alive

StartPeer = Callable[[Answer], Peer]


def test_collecting_with_nothing_under_way_waits_that_long(many: ConcurrentClient[str]) -> None:
    started = time.monotonic()

    results = many.collect(0.1)

    assert results == []
    assert time.monotonic() - started >= 0.1


def test_collecting_for_no_time_still_moves_the_requests_on(
    many: ConcurrentClient[str], start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    start(many, peer.url(), "only")
    until = time.monotonic() + 10
    results: Results = {}

    while not results and time.monotonic() < until:
        results.update(many.collect(0))

    assert list(results) == ["only"]


def test_a_descriptor_that_becomes_readable_ends_the_wait(many: ConcurrentClient[str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        quiet = many.collect(0.01, wake_on=ours.fileno())
        theirs.send(b"!")
        started = time.monotonic()

        woken = many.collect(30, wake_on=ours.fileno())

    assert (quiet, woken) == ([], [])
    assert time.monotonic() - started < 20


def test_a_descriptor_that_was_closed_and_opened_anew_between_two_waits_is_watched(
    many: ConcurrentClient[str],
) -> None:
    for _ in range(2):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.send(b"!")
            started = time.monotonic()

            assert many.collect(30, wake_on=ours.fileno()) == []
            assert time.monotonic() - started < 20


def test_each_request_has_its_own_deadline(many: ConcurrentClient[str]) -> None:
    with crowding() as crowd:
        for milliseconds in (50, 10_000, 100):
            many.start(
                str(milliseconds),
                "POST",
                crowd.url("/slow"),
                headers={},
                body=b"",
                timeout=timedelta(milliseconds=milliseconds),
            )
        overdue = {**dict(many.collect(10)), **dict(many.collect(10))}

    assert {token: type(result) for token, result in overdue.items()} == {
        "50": DeadlineError,
        "100": DeadlineError,
    }
    assert len(many) == 1
