"""Whatever names one caller has looked up, the names of another are looked up all the same."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address

import pytest

from core.http import DeadlineError, EgressPolicy
from core.http.resolving import Addresses, Found, Resolver, ThreadedResolver
from tests.core.http.clients import AnyClient
from tests.core.http.peers import Answer, Peer, keeping_alive

GOOD = "hooks.calm.example"
LOOPBACK = ip_address("127.0.0.1")
# Enough for whatever answers at all; what hangs does so for longer.
PATIENCE_SECONDS = 10.0
HANG_SECONDS = 60.0


class NameServer:
    """Answers at once while it is ``well``; afterwards for names of ``calm.example`` alone."""

    def __init__(self) -> None:
        self.well = threading.Event()

    def __call__(self, host: str) -> Addresses:
        if not host.endswith("calm.example"):
            self.well.wait(HANG_SECONDS)
        return (LOOPBACK,)


@pytest.fixture
def server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.well.set()


def ask(resolver: ThreadedResolver, hosts: list[str]) -> Callable[[], None]:
    """Ask for all of a hostile caller's ``hosts``; return what waits for the answers."""
    answered = threading.Semaphore(0)

    def done(host: str, found: Found) -> None:
        answered.release()

    def wait() -> None:
        for _ in hosts:
            assert answered.acquire(timeout=PATIENCE_SECONDS)

    for host in hosts:
        resolver.ask(host, done, "hostile")
    return wait


ONE_DOMAIN = [f"n{number}.hostile.test" for number in range(500)]
MANY_DOMAINS = [f"hostile-{number}.test" for number in range(500)]
ONE_DOMAIN_LIKE_A_SUFFIX = [f"n{number}.go.rs" for number in range(500)]

FLOODS = pytest.mark.parametrize(
    "flood",
    [ONE_DOMAIN, MANY_DOMAINS, ONE_DOMAIN_LIKE_A_SUFFIX],
    ids=["one-domain", "many-domains", "one-domain-like-a-suffix"],
)


@FLOODS
def test_new_names_of_one_caller_that_hang_leave_a_look_up_for_a_new_name_of_another(
    server: NameServer, flood: list[str]
) -> None:
    resolver = ThreadedResolver(server)
    ask(resolver, flood)

    addresses = resolver(GOOD, PATIENCE_SECONDS, "calm")

    assert addresses == (LOOPBACK,)


@FLOODS
def test_names_of_one_caller_that_answered_and_hang_now_leave_a_look_up_for_a_new_name_of_another(
    server: NameServer, flood: list[str]
) -> None:
    resolver = ThreadedResolver(server)
    server.well.set()
    ask(resolver, flood)()
    server.well.clear()
    ask(resolver, flood)

    addresses = resolver(GOOD, PATIENCE_SECONDS, "calm")

    assert addresses == (LOOPBACK,)


def test_names_of_one_caller_that_hang_leave_a_look_up_for_a_name_of_another_that_hung_before(
    server: NameServer,
) -> None:
    # Every look-up counts as one that hung.
    resolver = ThreadedResolver(server, slow_after=timedelta())
    server.well.set()
    ask(resolver, MANY_DOMAINS)()
    resolver(GOOD, PATIENCE_SECONDS, "calm")
    server.well.clear()
    ask(resolver, [*MANY_DOMAINS, *ONE_DOMAIN])

    addresses = resolver(GOOD, PATIENCE_SECONDS, "calm")

    assert addresses == (LOOPBACK,)


def test_name_that_another_caller_asked_for_in_vain_is_looked_up(server: NameServer) -> None:
    resolver = ThreadedResolver(server)
    ask(resolver, [*MANY_DOMAINS, GOOD])
    with pytest.raises(DeadlineError):
        resolver(GOOD, 0.1, "hostile")

    addresses = resolver(GOOD, PATIENCE_SECONDS, "calm")

    assert addresses == (LOOPBACK,)


def test_requests_are_sent_for_the_caller_that_is_named(
    server: NameServer,
    resolving_with: Callable[[Resolver], AnyClient],
    local_policy: EgressPolicy,
    start_peer: Callable[[Answer], Peer],
) -> None:
    peer, resolver = start_peer(keeping_alive), ThreadedResolver(server)
    client = resolving_with(resolver)
    ask(resolver, MANY_DOMAINS)

    with pytest.raises(DeadlineError, match="could not be looked up in time"):
        client.request(
            "GET",
            peer.url(host="other.calm.example"),
            timeout=timedelta(milliseconds=200),
            policy=local_policy,
            caller="hostile",
        )
    response = client.request(
        "GET",
        peer.url(host=GOOD),
        timeout=timedelta(seconds=PATIENCE_SECONDS),
        policy=local_policy,
        caller="calm",
    )

    assert response.status_code == 200
    assert len(peer.requests) == 1
