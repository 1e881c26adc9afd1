"""PostgreSQL itself dies, twice, while orders are posted and webhooks are under way."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import count

import pytest
import requests

from core.ids import encode
from tests.e2e.installation import PREPARE, Api, Credentials, Installation, Web, variables
from tests.e2e.postgresql import Server, server
from tests.e2e.processes import PATIENCE_SECONDS, run_to_end
from tests.e2e.supervised import supervised
from tests.makers import SCOPES
from tests.once import ON_ONE_DATABASE
from tests.sinks import Answer, Seen, Sink, wait_until
from tools import postgresql

BINARIES = postgresql.find_binaries()
pytestmark = [
    pytest.mark.e2e,
    ON_ONE_DATABASE,
    pytest.mark.skipif(BINARIES is None, reason="there are no programs of a PostgreSQL server"),
]
POSTERS = 2
PAUSE_SECONDS = 0.05
# On the wire, and answered but not yet written down, in each of two processes.
MOST_IN_FLIGHT = 2 * 2 * int(variables()["DELIVERY_CONCURRENCY"])
HELD = 3
FIRST, SECOND = "/hook", "/second/hook"
AWAY = {
    "success": False,
    "error": "UNAVAILABLE",
    "message": "The database is not available; try again in a moment.",
}


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    assert BINARIES is not None
    with server(BINARIES) as started:
        yield started


@pytest.fixture(scope="module")
def installation(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    given = variables()
    printed = run_to_end(["-c", PREPARE, *SCOPES], given | {"DATABASE_URL": database.url})
    key = json.loads(printed.splitlines()[1])["secret"]
    credentials = Credentials(key=key, client_id="", client_secret="")
    return Installation(tmp_path_factory.mktemp("restarted"), database, given, credentials)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A time without the database: its begin by the calendar, its end on the monotonic clock.

    ``held`` are deliveries that were on their way when it began.
    """

    began: datetime
    ended_at: float
    held: set[str]


class Orders:
    """Posts orders until told to stop, and repeats none of them."""

    def __init__(self, api: Api) -> None:
        self.answers: list[requests.Response] = []
        self._api = api
        self._numbers = count()
        self._stop = threading.Event()

    @contextmanager
    def posted(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._post) for _ in range(POSTERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def accepted(self) -> set[str]:
        """Return the ids of the orders that are there, as far as their sender knows."""
        return {answer.json()["id"] for answer in self.answers if answer.status_code == 201}

    def refusals(self) -> list[requests.Response]:
        return [answer for answer in self.answers if answer.status_code != 201]

    def _post(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            body = {"data": {"number": f"A-{next(self._numbers)}"}}
            self.answers.append(self._api.send("POST", "/records/order", body))


class Gate(Sink):
    """A receiver that can be told to keep its senders waiting for a while."""

    def __init__(self) -> None:
        super().__init__()
        self._open = threading.Event()
        self._open.set()

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def _write(self, handler: BaseHTTPRequestHandler, answer: Answer, seen: Seen) -> None:
        self._open.wait(PATIENCE_SECONDS)
        super()._write(handler, answer, seen)


def break_down(database: Server, end: Callable[[], None], orders: Orders, sink: Gate) -> Outage:
    """Take the database away with requests under way, until that was noticed; bring it back."""
    sink.hold()
    before = len(sink.requests)
    wait_until(lambda: len(sink.requests) >= before + HELD, PATIENCE_SECONDS)
    held = {seen.headers["webhook-id"] for seen in sink.requests[before : before + HELD]}
    refused = len(orders.refusals())
    began = datetime.now(UTC)
    end()
    sink.release()
    wait_until(lambda: len(orders.refusals()) >= refused + POSTERS, PATIENCE_SECONDS)
    database.start()
    return Outage(began=began, ended_at=time.monotonic(), held=held)


def arrived(sink: Sink, path: str) -> list[Seen]:
    return [seen for seen in list(sink.requests) if seen.path == path]


def is_done(database: Server) -> bool:
    return not database.count("core_event", "position IS NULL") and not database.count(
        "webhooks_delivery", "state <> 'delivered'"
    )


def in_flight(sink: Sink, finished: Mapping[str, datetime], outage: Outage) -> set[str]:
    """Return what had been sent, and was not written down, when the database went."""
    sent = {seen.headers["webhook-id"] for seen in sink.requests if seen.at < outage.ended_at}
    return {each for each in sent if finished[each] > outage.began}


def test_accepted_orders_are_delivered_though_the_database_dies_twice(
    installation: Installation, database: Server, web: Web, api: Api
) -> None:
    orders = Orders(api)

    with (
        Gate() as sink,
        api.subscribed(sink.url),
        supervised(installation) as worker,
    ):
        with orders.posted():
            wait_until(lambda: len(arrived(sink, FIRST)) >= 20, PATIENCE_SECONDS)
            outages = [break_down(database, database.stop_at_once, orders, sink)]
            before = len(orders.accepted())
            wait_until(lambda: len(orders.accepted()) > before, PATIENCE_SECONDS)
            # What was on its way waits for the end of its lease. This one does not.
            api.post(
                "/webhooks/subscriptions",
                {"name": "Second", "event_types": ["order.*"], "url": f"{sink.url}{SECOND}"},
            )
            wait_until(lambda: len(arrived(sink, SECOND)) >= 10, PATIENCE_SECONDS)
            outages.append(break_down(database, database.kill, orders, sink))
            before = len(orders.accepted())
            wait_until(lambda: len(orders.accepted()) > before, PATIENCE_SECONDS)
        wait_until(lambda: is_done(database), PATIENCE_SECONDS)
        rows = database.run("SELECT id, finished_at FROM webhooks_delivery")
        web.process.output()
        reasons = worker.reasons()

    finished = {encode("dlv", key): moment for key, moment in rows}
    sent = Counter(seen.headers["webhook-id"] for seen in sink.requests)
    first = {json.loads(seen.body)["data"]["id"] for seen in arrived(sink, FIRST)}
    assert orders.accepted() - first == set()
    assert set(sent) == set(finished)
    repeated = {each for each, times in sent.items() if times > 1}
    unwritten = [in_flight(sink, finished, outage) for outage in outages]
    assert outages[0].held | outages[1].held <= repeated
    assert repeated <= unwritten[0] | unwritten[1]
    assert max(map(len, unwritten)) <= MOST_IN_FLIGHT
    assert {answer.status_code for answer in orders.refusals()} == {503}
    assert {answer.headers["Retry-After"] for answer in orders.refusals()} == {"5"}
    for answer in orders.refusals():
        assert answer.json() == AWAY | {"request_id": answer.headers["X-Request-ID"]}
    assert reasons == []
