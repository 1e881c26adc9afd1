import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from ipaddress import ip_address, ip_network

import pytest

from core.http import AddressRefusedError, Client, DeadlineError, EgressPolicy, UnreachableError
from core.http.addresses import Address
from core.http.resolving import Addresses, Resolver, ThreadedResolver, resolve, system_lookup
from tests.core.http.clients import AnyClient, OneAtATime
from tests.core.http.peers import Answer, Peer, keeping_alive, saying

StartPeer = Callable[[Answer], Peer]
ResolvingWith = Callable[[Resolver], AnyClient]

LIMIT = timedelta(seconds=5)
LOOPBACK = ip_address("127.0.0.1")
PRIVATE = ip_address("10.0.0.1")
PUBLIC = ip_address("2a00:1450::1")


class Zone:
    """A resolver that gives one list of addresses after the other."""

    def __init__(self, *answers: list[Address]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, seconds: float) -> Addresses:
        self.asked.append(host)
        return tuple(self.answers.pop(0))


def test_a_name_is_looked_up_once_for_each_connection(
    resolving_with: ResolvingWith, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer, zone = start_peer(keeping_alive), Zone([LOOPBACK])
    client = resolving_with(zone)

    for _ in range(3):
        client.request("GET", peer.url(host="hooks.example"), timeout=LIMIT, policy=local_policy)

    assert zone.asked == ["hooks.example"]
    assert peer.connections == 1
    assert f"Host: hooks.example:{peer.port}\r\n".encode() in peer.requests[0]


@pytest.mark.parametrize(
    "addresses",
    [[PRIVATE], [LOOPBACK, PRIVATE], [PRIVATE, LOOPBACK], [LOOPBACK] * 9 + [PRIVATE]],
    ids=["private", "private-last", "private-first", "private-beyond-those-tried"],
)
def test_a_name_with_a_single_refused_address_is_refused_whole(
    resolving_with: ResolvingWith,
    local_policy: EgressPolicy,
    start_peer: StartPeer,
    addresses: list[Address],
) -> None:
    peer = start_peer(keeping_alive)
    client = resolving_with(Zone(addresses))

    with pytest.raises(AddressRefusedError) as caught:
        client.request("GET", peer.url(host="hooks.example"), timeout=LIMIT, policy=local_policy)

    assert peer.connections == 0
    assert str(caught.value) == (
        "hooks.example leads to an address that requests may not be sent to"
    )


@pytest.mark.parametrize("make", [Client, partial(OneAtATime, max_verdict_age=timedelta())])
def test_a_name_that_turns_to_a_private_address_is_refused_at_the_next_connection(
    make: Callable[..., AnyClient], local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(saying(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
    client = make(resolve=Zone([LOOPBACK], [PRIVATE]))
    url = peer.url(host="rebinding.example")

    response = client.request("GET", url, timeout=LIMIT, policy=local_policy)
    with pytest.raises(AddressRefusedError):
        client.request("GET", url, timeout=LIMIT, policy=local_policy)
    client.close()

    assert response.status_code == 200
    assert peer.connections == 1


def test_the_operator_is_told_which_address_was_refused(
    resolving_with: ResolvingWith, local_policy: EgressPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    client = resolving_with(Zone([PRIVATE]))

    with (
        caplog.at_level(logging.WARNING, "core.http"),
        pytest.raises(AddressRefusedError),
    ):
        client.request("GET", "http://hooks.example/?t=s3cret", timeout=LIMIT, policy=local_policy)

    [record] = caplog.records
    facts = {name: record.__dict__[name] for name in ("host", "address", "reason")}
    assert record.message == "http.address_refused"
    assert facts == {
        "host": "hooks.example",
        "address": "10.0.0.1",
        "reason": "private (RFC 1918)",
    }


def test_the_next_address_is_tried_when_the_first_does_not_answer(
    resolving_with: ResolvingWith,
    start_peer: StartPeer,
) -> None:
    peer = start_peer(keeping_alive)
    policy = EgressPolicy(
        https_only=False, allowed_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128"))
    )
    client = resolving_with(Zone([ip_address("::1"), ip_address("127.0.0.9"), LOOPBACK]))

    response = client.request("GET", peer.url(host="hooks.example"), timeout=LIMIT, policy=policy)

    assert (response.status_code, response.address) == (200, "127.0.0.1")


def test_a_silent_address_leaves_time_for_the_next_one(
    resolving_with: ResolvingWith, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    client = resolving_with(Zone([ip_address("127.0.0.9"), LOOPBACK]))

    with ExitStack() as full:
        silent = full.enter_context(socket.create_server(("127.0.0.9", peer.port), backlog=0))
        for _ in range(3):
            waiting = full.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        response = client.request(
            "GET",
            peer.url(host="hooks.example"),
            timeout=timedelta(seconds=2),
            policy=local_policy,
        )

    assert (response.status_code, response.address) == (200, "127.0.0.1")


def test_a_name_without_an_address_is_unreachable(
    resolving_with: ResolvingWith, local_policy: EgressPolicy
) -> None:
    client = resolving_with(Zone([]))

    with pytest.raises(UnreachableError, match=r"^the name hooks\.example has no address$"):
        client.request("GET", "http://hooks.example/", timeout=LIMIT, policy=local_policy)


def test_an_address_is_not_looked_up(
    resolving_with: ResolvingWith, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer, zone = start_peer(keeping_alive), Zone()
    client = resolving_with(zone)

    client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    assert zone.asked == []


def test_the_system_knows_this_machine_by_name() -> None:
    assert LOOPBACK in resolve("localhost", 5.0)


def test_a_name_that_the_system_does_not_know_is_unreachable() -> None:
    def unknown(host: str) -> Addresses:
        return system_lookup("\N{SNOWMAN}" * 100)

    with pytest.raises(UnreachableError, match=r"^the name hooks\.example could not be resolved$"):
        ThreadedResolver(unknown)("hooks.example", 5.0)


class SlowLookup:
    """A look-up that hangs until it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str) -> Addresses:
        self.asked.append(host)
        self.released.wait(10)
        return (PUBLIC,)


def test_a_lookup_that_hangs_is_given_up_at_the_deadline(
    resolving_with: ResolvingWith, local_policy: EgressPolicy
) -> None:
    lookup = SlowLookup()
    client = resolving_with(ThreadedResolver(lookup))

    with pytest.raises(DeadlineError, match="could not be looked up in time"):
        client.request(
            "GET",
            "http://dead.example/",
            timeout=timedelta(milliseconds=100),
            policy=local_policy,
        )
    lookup.released.set()

    assert lookup.asked == ["dead.example"]


def test_a_name_that_hangs_occupies_one_lookup_however_many_ask() -> None:
    lookup = SlowLookup()
    resolver = ThreadedResolver(lookup, max_lookups_at_once=2)

    for _ in range(5):
        with pytest.raises(DeadlineError):
            resolver("dead.example", 0.01)
    waiting = threading.Timer(0.05, lookup.released.set)
    waiting.start()
    addresses = resolver("dead.example", 5.0)
    waiting.join()

    assert addresses == (PUBLIC,)
    assert lookup.asked == ["dead.example"]


def test_a_lookup_waits_for_room_no_longer_than_its_deadline() -> None:
    lookup = SlowLookup()
    resolver = ThreadedResolver(lookup, max_lookups_at_once=1)
    with pytest.raises(DeadlineError):
        resolver("dead.example", 0.01)

    with pytest.raises(DeadlineError):
        resolver("other.example", 0.05)
    lookup.released.set()
    addresses = resolver("third.example", 5.0)

    assert addresses == (PUBLIC,)
    assert lookup.asked == ["dead.example", "third.example"]


def test_a_forked_process_does_not_wait_for_lookups_of_its_parent() -> None:
    lookup = SlowLookup()
    resolver = ThreadedResolver(lookup, max_lookups_at_once=1)
    with pytest.raises(DeadlineError):
        resolver("dead.example", 0.01)

    resolver.forget()
    lookup.released.set()

    assert resolver("dead.example", 5.0) == (PUBLIC,)
    assert lookup.asked == ["dead.example", "dead.example"]


def test_names_that_hang_leave_a_lookup_for_a_name_that_answered_before() -> None:
    released = threading.Event()

    def lookup(host: str) -> Addresses:
        if host != "known.example":
            released.wait(10)
        return (PUBLIC,)

    resolver = ThreadedResolver(lookup, max_lookups_at_once=2)
    resolver("known.example", 5.0)
    with pytest.raises(DeadlineError):
        resolver("dead.example", 0.01)
    with pytest.raises(DeadlineError):
        resolver("new.example", 0.01)

    addresses = resolver("known.example", 5.0)
    released.set()

    assert addresses == (PUBLIC,)


def test_name_that_answers_slowly_is_not_among_those_that_lookups_are_kept_for() -> None:
    lookup = SlowLookup()
    lookup.released.set()
    resolver = ThreadedResolver(lookup, max_lookups_at_once=2, slow_after=timedelta())
    resolver("slow.example", 5.0)
    lookup.released.clear()
    with pytest.raises(DeadlineError):
        resolver("dead.example", 0.01)

    with pytest.raises(DeadlineError):
        resolver("slow.example", 0.01)
    lookup.released.set()

    assert lookup.asked == ["slow.example", "dead.example"]
