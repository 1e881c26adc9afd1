"""SIGKILL of the whole worker while it is sending to receivers that take their time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest

from core.ids import encode
from tests.e2e.installation import Api, Installation, copy_of
from tests.e2e.leases import let_leases_end
from tests.sinks import Answer, Sink, wait_until

pytestmark = pytest.mark.e2e
ORDERS = 50
SUBSCRIPTIONS = 4
CONCURRENCY = 16
# On the wire, and answered but not yet written down.
MOST_IN_FLIGHT = 2 * CONCURRENCY
ANSWER_SECONDS = 0.3


@pytest.fixture(scope="module")
def installation(
    prepared: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with one sender."""
    copied = copy_of(prepared, tmp_path_factory.mktemp("loaded"))
    limits = {"DELIVERY_CONCURRENCY": str(CONCURRENCY), "DELIVERY_PROCESSES": "1"}
    variables = copied._variables | limits
    yield Installation(copied.folder, copied.database, variables, copied.credentials)
    copied.database.drop()


def deliveries_in(installation: Installation, state: str) -> set[str]:
    rows = installation.database.run(f"SELECT id FROM webhooks_delivery WHERE state = '{state}'")
    return {encode("dlv", UUID(str(key))) for (key,) in rows}


def test_nothing_is_lost_and_only_what_was_under_way_is_repeated(
    installation: Installation, api: Api
) -> None:
    records = [{"data": {"number": f"A-{number}"}} for number in range(ORDERS)]

    with Sink([Answer(delay=ANSWER_SECONDS)]) as sink, ExitStack() as stack:
        for _ in range(SUBSCRIPTIONS):
            stack.enter_context(api.subscribed(sink.url))
        with installation.worker() as worker:
            api.post("/records/order/bulk", {"records": records})
            wait_until(lambda: len(sink.requests) >= ORDERS)
            worker.kill()
        written = deliveries_in(installation, "delivered")
        left = deliveries_in(installation, "pending")
        let_leases_end(installation)
        with installation.worker():
            wait_until(lambda: not deliveries_in(installation, "pending"))
        delivered = deliveries_in(installation, "delivered")

    sent = Counter(seen.headers["webhook-id"] for seen in sink.requests)
    repeated = {each for each, times in sent.items() if times > 1}
    assert len(written) + len(left) == ORDERS * SUBSCRIPTIONS
    assert delivered == written | left
    assert set(sent) == delivered
    assert repeated <= left
    assert 0 < len(repeated) <= MOST_IN_FLIGHT
    assert max(sent.values()) == 2
