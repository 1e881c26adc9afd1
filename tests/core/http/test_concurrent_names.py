import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from core.http import (
    AddressRefusedError,
    ConcurrentClient,
    DeadlineError,
    EgressPolicy,
    HttpError,
    Response,
    UnreachableError,
)
from core.http.exchange import MAX_CONNECTION_AGE
from core.http.resolving import Addresses, Resolver
from core.http.verdicts import MAX_VERDICT_AGE
from tests.core.http.clients import LIMIT, Results, collect_all, start
from tests.core.http.peers import Answer, Peer, keeping_alive

StartPeer = Callable[[Answer], Peer]
Make = Callable[..., ConcurrentClient[str]]

LOOPBACK = ip_address("127.0.0.1")


@pytest.fixture
def make(local_policy: EgressPolicy) -> Iterator[Make]:
    """Return what makes a client with a resolver of the test's own."""
    with ExitStack() as stack:

        def make(
            resolve: Resolver,
            *,
            max_connection_age: timedelta = MAX_CONNECTION_AGE,
            max_verdict_age: timedelta = MAX_VERDICT_AGE,
        ) -> ConcurrentClient[str]:
            client = ConcurrentClient[str](
                policy=local_policy,
                resolve=resolve,
                max_connection_age=max_connection_age,
                max_verdict_age=max_verdict_age,
            )
            return stack.enter_context(closing(client))

        yield make


class Zone:
    """A resolver that knows some names, waits for others, and notes what it was asked."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {f"{name}.example": texts for name, texts in addresses.items()}
        self.asked: list[str] = []
        self.released = threading.Event()

    def __call__(self, host: str, seconds: float) -> Addresses:
        self.asked.append(host)
        if host == "hangs.example":
            self.released.wait(10)
        return tuple(ip_address(text) for text in self.addresses[host])


def test_a_name_that_hangs_delays_no_other_request(make: Make, start_peer: StartPeer) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hooks=["127.0.0.1"], hangs=["127.0.0.1"])
    client = make(zone)

    start(client, peer.url(host="hangs.example"), "hangs")
    for path in "abc":
        start(client, peer.url(f"/{path}", host="hooks.example"), path)
        start(client, peer.url(f"/{path}"), f"address {path}")
    others: Results = {}
    while len(others) < 6:
        others.update(client.collect(10))
    left = len(client)
    zone.released.set()
    last = collect_all(client)

    assert {type(result) for result in others.values()} == {Response}
    assert (left, list(last), type(last["hangs"])) == (1, ["hangs"], Response)


def test_a_name_is_looked_up_once_for_all_who_wait_and_all_who_come_soon_after(
    make: Make, start_peer: StartPeer
) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hooks=["127.0.0.1"])
    client = make(zone, max_connection_age=timedelta())

    for _ in range(2):
        for token in "abc":
            start(client, peer.url(host="hooks.example"), token)
        collect_all(client)

    assert zone.asked == ["hooks.example"]
    assert len(peer.requests) == 6


def test_a_verdict_that_is_too_old_is_asked_for_again(make: Make, start_peer: StartPeer) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hooks=["127.0.0.1"])
    client = make(zone, max_verdict_age=timedelta())

    for _ in range(2):
        start(client, peer.url(host="hooks.example"))
        collect_all(client)
    zone.addresses["hooks.example"] = ["10.0.0.1"]
    start(client, peer.url(host="hooks.example"))
    result = collect_all(client)["only"]

    assert isinstance(result, AddressRefusedError)
    assert (len(zone.asked), peer.connections, len(peer.requests)) == (3, 1, 2)


DISGUISED = ["::ffff:10.0.0.1", "::ffff:0:a00:1", "64:ff9b::a00:1", "2002:a00:1::", "::a00:1"]


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["169.254.169.254"], *([text] for text in DISGUISED)],
    ids=str,
)
def test_a_name_with_a_refused_address_is_refused_for_all_who_wait(
    make: Make, start_peer: StartPeer, addresses: list[str]
) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hooks=addresses)
    client = make(zone)

    for token in "ab":
        start(client, peer.url(host="hooks.example"), token)
    results = collect_all(client)

    assert {
        token: (type(result), str(result)) for token, result in results.items()
    } == dict.fromkeys(
        "ab",
        (
            AddressRefusedError,
            "hooks.example leads to an address that requests may not be sent to",
        ),
    )
    assert peer.connections == 0


def test_who_waits_for_a_name_waits_no_longer_than_its_own_deadline(
    make: Make, start_peer: StartPeer
) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hangs=["127.0.0.1"])
    client, url = make(zone), peer.url(host="hangs.example")
    short = timedelta(milliseconds=50)
    client.start("short", "POST", url, headers={}, body=b"", timeout=short)
    client.start("long", "POST", url, headers={}, body=b"", timeout=LIMIT)

    [(token, result)] = client.collect(10)
    zone.released.set()
    last = collect_all(client)

    assert (token, str(result)) == (
        "short",
        "the name hangs.example could not be looked up in time",
    )
    assert isinstance(result, DeadlineError)
    assert isinstance(last["long"], Response)
    assert zone.asked == ["hangs.example"]


def test_more_names_than_can_be_looked_up_at_once_take_turns(
    make: Make, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    at_once, most, lock = 0, 0, threading.Lock()

    def resolve(host: str, seconds: float) -> Addresses:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.01)
        with lock:
            at_once -= 1
        return (LOOPBACK,)

    client = make(resolve)

    for number in range(200):
        start(client, peer.url(host=f"hooks-{number}.example"), str(number))
    results = collect_all(client)

    assert [type(result) for result in results.values()] == [Response] * 200
    assert most <= 64


def test_a_resolver_that_breaks_is_an_answer_like_any_other(make: Make) -> None:
    client = make(Zone())

    start(client, "http://unknown.example/")
    result = collect_all(client)["only"]

    assert isinstance(result, UnreachableError)
    assert str(result) == "the name unknown.example could not be resolved"


def test_addresses_that_do_not_answer_are_asked_for_anew(make: Make, start_peer: StartPeer) -> None:
    peer, zone = start_peer(keeping_alive), Zone(hooks=["127.0.0.9"])
    client = make(zone)
    start(client, peer.url(host="hooks.example"))
    failed = collect_all(client)["only"]

    zone.addresses["hooks.example"] = ["127.0.0.1"]
    start(client, peer.url(host="hooks.example"))
    result = collect_all(client)["only"]

    assert isinstance(failed, UnreachableError)
    assert str(failed) == "the connection to hooks.example failed: Connection refused"
    assert isinstance(result, Response)
    assert result.address == "127.0.0.1"


def test_a_name_with_a_final_dot_goes_to_the_judged_address(
    make: Make, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    client = make(lambda host, seconds: (LOOPBACK,))

    start(client, peer.url(host="hooks.example."))
    result = collect_all(client)["only"]

    assert isinstance(result, Response)


def test_a_literal_ipv6_address_is_reached_without_a_lookup() -> None:
    policy = EgressPolicy(https_only=False, allowed_networks=(ip_network("::1/128"),))

    with closing(ConcurrentClient[str](policy=policy)) as client:
        start(client, "http://[::1]:9999/")
        result = collect_all(client)["only"]

    assert isinstance(result, HttpError)
    assert str(result).startswith("the connection to ::1 failed: ")
