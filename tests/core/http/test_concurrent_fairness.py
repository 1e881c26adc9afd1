"""Names that hang, however many, do no harm to a name that answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_address

import pytest

from core.http import AddressRefusedError, ConcurrentClient, EgressPolicy, HttpError, Response
from core.http.resolving import Addresses, ThreadedResolver
from tests.core.http.clients import Results, collect_all, start
from tests.core.http.peers import Answer, Peer, keeping_alive

StartPeer = Callable[[Answer], Peer]

GOOD = "hooks.calm.example"
OLD_AFTER = timedelta(milliseconds=500)


class NameServer:
    """Answers for ``GOOD`` at once, unless ``mute``, and for other names not before the end."""

    def __init__(self) -> None:
        self.address = "127.0.0.1"
        self.mute = threading.Event()
        self.ended = threading.Event()
        self.asked: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, host: str) -> Addresses:
        with self._changed:
            self.asked.append(host)
            self._changed.notify_all()
        if host != GOOD or self.mute.is_set():
            self.ended.wait(60)
        return (ip_address(self.address),)

    def wait_for(self, questions: int) -> list[str]:
        """Return what was asked, when that many ``questions`` have come in from their threads."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.asked) >= questions, 10)
        return self.asked


@pytest.fixture
def server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.ended.set()


@pytest.fixture
def peer(start_peer: StartPeer) -> Peer:
    return start_peer(keeping_alive)


def ask_for_hanging(
    client: ConcurrentClient[str], peer: Peer, hosts: list[str], *, callers: int = 1
) -> None:
    """Start a request to each of the ``hosts`` and let the loop have a look at them."""
    for number, host in enumerate(hosts):
        start(client, peer.url(host=host), host, caller=f"hostile {number % callers}")
    assert client.collect(0) == []


def answer_of_good(client: ConcurrentClient[str], peer: Peer) -> Response | HttpError:
    """Return what comes of a request to ``GOOD``, the only one that can be over."""
    start(client, peer.url(host=GOOD), caller="calm")
    [(token, result)] = client.collect(10)
    assert token == "only"
    return result


def test_names_of_one_caller_that_hang_leave_room_for_a_name_never_asked_before(
    server: NameServer, peer: Peer, local_policy: EgressPolicy
) -> None:
    with closing(
        ConcurrentClient[str](policy=local_policy, resolve=ThreadedResolver(server))
    ) as client:
        ask_for_hanging(client, peer, [f"hostile-{number}.test" for number in range(200)])

        result = answer_of_good(client, peer)

    assert isinstance(result, Response)
    assert len(server.wait_for(8)) == 8


def test_names_of_many_callers_that_hang_leave_room_for_a_name_that_answered_before(
    server: NameServer, peer: Peer, local_policy: EgressPolicy
) -> None:
    resolver = ThreadedResolver(server)
    with closing(ConcurrentClient[str](policy=local_policy, resolve=resolver)) as client:
        before = answer_of_good(client, peer)

    with closing(ConcurrentClient[str](policy=local_policy, resolve=resolver)) as client:
        ask_for_hanging(
            client, peer, [f"hostile-{number}.test" for number in range(200)], callers=200
        )
        result = answer_of_good(client, peer)

    assert (type(before), type(result)) == (Response, Response)
    assert len(server.wait_for(34)) == 34
    assert server.asked.count(GOOD) == 2


def test_name_that_waits_for_the_turn_of_one_caller_is_looked_up_in_the_turn_of_another(
    server: NameServer, peer: Peer, local_policy: EgressPolicy
) -> None:
    with closing(
        ConcurrentClient[str](policy=local_policy, resolve=ThreadedResolver(server))
    ) as client:
        ask_for_hanging(client, peer, [f"hostile-{number}.test" for number in range(200)])
        start(client, peer.url(host=GOOD), "hostile", caller="hostile 0")
        early = client.collect(0.1)

        start(client, peer.url(host=GOOD), "calm", caller="calm")
        results: Results = {}
        while len(results) < 2:
            results.update(client.collect(10))

    assert early == []
    assert {token: type(result) for token, result in results.items()} == {
        "hostile": Response,
        "calm": Response,
    }
    assert server.asked.count(GOOD) == 1


def test_look_ups_that_nobody_waits_for_any_more_do_not_begin(
    server: NameServer, peer: Peer, local_policy: EgressPolicy
) -> None:
    resolver = ThreadedResolver(server, max_lookups_at_once=1)
    with closing(ConcurrentClient[str](policy=local_policy, resolve=resolver)) as client:
        ask_for_hanging(client, peer, ["first.test", "second.test", "third.test"])
    server.ended.set()

    addresses = resolver("last.test", 10)

    assert addresses == (ip_address("127.0.0.1"),)
    assert server.asked == ["first.test", "last.test"]


@pytest.fixture
def forgetful(server: NameServer, local_policy: EgressPolicy) -> Iterator[ConcurrentClient[str]]:
    """Return a client that keeps no connection, and whose verdicts are old after ``OLD_AFTER``."""
    with closing(
        ConcurrentClient[str](
            policy=local_policy,
            resolve=ThreadedResolver(server),
            max_connection_age=timedelta(),
            max_verdict_age=OLD_AFTER,
        )
    ) as client:
        yield client


def test_known_name_goes_on_working_while_its_name_server_is_mute(
    server: NameServer, peer: Peer, forgetful: ConcurrentClient[str]
) -> None:
    first = answer_of_good(forgetful, peer)
    server.mute.set()
    time.sleep(OLD_AFTER.total_seconds())

    others = [answer_of_good(forgetful, peer) for _ in range(3)]

    assert [type(result) for result in (first, *others)] == [Response] * 4
    assert (peer.connections, len(peer.requests)) == (4, 4)
    assert server.wait_for(2) == [GOOD, GOOD]


def test_name_that_turns_to_a_private_address_never_leads_there_while_its_old_verdict_serves(
    server: NameServer, peer: Peer, forgetful: ConcurrentClient[str]
) -> None:
    answer_of_good(forgetful, peer)
    server.address = "10.0.0.1"
    time.sleep(OLD_AFTER.total_seconds())

    results = [answer_of_good(forgetful, peer)]
    while isinstance(results[-1], Response):
        results.append(answer_of_good(forgetful, peer))

    answered = [result.address for result in results[:-1] if isinstance(result, Response)]
    assert answered == ["127.0.0.1"] * (len(results) - 1)
    assert isinstance(results[-1], AddressRefusedError)
    assert peer.connections == len(results)
    assert server.asked == [GOOD, GOOD]


def test_name_that_hung_and_failed_is_not_asked_again_for_a_while(
    local_policy: EgressPolicy,
) -> None:
    asked: list[str] = []

    def overloaded(host: str) -> Addresses:
        asked.append(host)
        raise OSError("no answer")

    resolver = ThreadedResolver(overloaded, slow_after=timedelta())
    with closing(ConcurrentClient[str](policy=local_policy, resolve=resolver)) as client:
        results = []
        for _ in range(3):
            start(client, "http://hangs.example/")
            results.append(str(collect_all(client)["only"]))

    assert results == ["the name hangs.example could not be resolved"] * 3
    assert asked == ["hangs.example"]
