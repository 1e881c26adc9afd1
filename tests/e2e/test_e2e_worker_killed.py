"""SIGKILL of every process of the worker, at the worst moments between commit and delivery."""

from collections import Counter

import pytest

from tests.e2e.database import Database
from tests.e2e.holding import HoldingSink
from tests.e2e.installation import Api, Installation
from tests.e2e.leases import let_leases_end
from tests.e2e.processes import Process
from tests.sinks import Sink, wait_until

pytestmark = pytest.mark.e2e
ARRIVAL_SECONDS = 30.0


def freeze_between_transactions(worker: Process, database: Database) -> None:
    """Freeze the worker at a moment at which nobody has to wait for it."""

    def is_frozen() -> bool:
        worker.freeze()
        if database.is_writing():
            worker.thaw()
            return False
        return True

    wait_until(is_frozen, ARRIVAL_SECONDS)


def deliveries_since(api: Api, earlier: int) -> list[tuple[str, int]]:
    """Return state and number of attempts of all deliveries but the ``earlier`` ones."""
    return [(state, attempts) for _, state, attempts in api.deliveries()[earlier:]]


def test_webhook_arrives_once_when_the_worker_dies_before_dispatch(
    installation: Installation, api: Api
) -> None:
    earlier = len(api.deliveries())

    with Sink() as sink, api.subscribed(sink.url):
        with installation.worker() as worker:
            freeze_between_transactions(worker, installation.database)
            order = api.order("before-dispatch")
            undispatched = installation.database.count("core_event", "position IS NULL")
            worker.kill()
        with installation.worker():
            seen = sink.arrived.get(timeout=ARRIVAL_SECONDS)
            wait_until(
                lambda: deliveries_since(api, earlier) == [("delivered", 1)], ARRIVAL_SECONDS
            )

    assert undispatched == 1
    assert order["id"].encode() in seen.body
    assert len(sink.requests) == 1


def test_held_webhook_is_repeated_and_waiting_one_arrives_once_when_the_worker_dies(
    installation: Installation, api: Api
) -> None:
    earlier = len(api.deliveries())

    with HoldingSink() as sink, api.subscribed(sink.url, concurrency=1):
        with installation.worker() as worker:
            api.order("held")
            held = sink.arrived.get(timeout=ARRIVAL_SECONDS)
            api.order("waiting")
            wait_until(
                lambda: deliveries_since(api, earlier) == [("pending", 0)] * 2, ARRIVAL_SECONDS
            )
            owned = installation.database.count("webhooks_lane", "owner IS NOT NULL")
            worker.kill()
        sink.release()
        let_leases_end(installation)
        with installation.worker():
            wait_until(
                lambda: deliveries_since(api, earlier) == [("delivered", 1)] * 2, ARRIVAL_SECONDS
            )
        ids = [each for each, _, _ in api.deliveries()[earlier:]]

    sent = Counter(request.headers["webhook-id"] for request in sink.requests)
    assert owned == 1
    assert held.headers["webhook-id"] == ids[0]
    assert sent == {ids[0]: 2, ids[1]: 1}


def test_webhook_is_repeated_with_its_id_when_the_worker_dies_before_it_notes_the_answer(
    installation: Installation, api: Api
) -> None:
    earlier = len(api.deliveries())

    with HoldingSink() as sink, api.subscribed(sink.url):
        with installation.worker() as worker:
            api.order("answered")
            sink.arrived.get(timeout=ARRIVAL_SECONDS)
            worker.freeze()
            sink.release()
            sink.answered.get(timeout=ARRIVAL_SECONDS)
            worker.kill()
        noted = deliveries_since(api, earlier)
        let_leases_end(installation)
        with installation.worker():
            wait_until(
                lambda: deliveries_since(api, earlier) == [("delivered", 1)], ARRIVAL_SECONDS
            )

    first, second = sink.requests
    assert noted == [("pending", 0)]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
