"""No tenant stands in the way of another, whatever it has to send and to whom."""

import pytest
from django.conf import LazySettings

from core import events
from core.models import Event, Tenant
from tests.drains import turn_to_the_end, turn_until
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription, publish
from webhooks import buffers, dispatch
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Delivery
from webhooks.statements import LARGE

PLACES = 10


@pytest.fixture(autouse=True)
def _few_places(settings: LazySettings) -> None:
    settings.DELIVERY_CONCURRENCY = PLACES


def owe(tenant: Tenant, url: str, *, subscriptions: int, deliveries: int) -> None:
    """Have each of a tenant's subscriptions wait for so many deliveries."""
    for number in range(subscriptions):
        make_subscription(tenant, url, name=f"No. {number}")
    for _ in range(deliveries):
        publish(tenant)
    events.dispatch()


def test_tenant_with_a_backlog_lets_another_one_in(
    tenant: Tenant, stranger: Tenant, sink: Sink
) -> None:
    with Sink([Answer(delay=0.1)]) as slow, Drain() as drain:
        owe(tenant, slow.url, subscriptions=4, deliveries=25)
        turn_until(drain, lambda: drain.full and slow.requests)
        make_delivery(make_subscription(stranger, sink.url))

        turn_until(drain, lambda: sink.requests)
        still_owed = Delivery.objects.for_tenant(tenant).pending().count()
        turn_to_the_end(drain)

    assert still_owed > 50
    assert (len(slow.requests), len(sink.requests)) == (100, 1)


def test_tenant_with_many_lanes_lets_another_one_in(
    tenant: Tenant, stranger: Tenant, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TAKE_AT_FIRST", 2)
    monkeypatch.setattr(delivering, "TAKE_AT_MOST", 2)
    with Sink() as busy, Drain() as drain:
        owe(tenant, busy.url, subscriptions=40, deliveries=1)
        make_delivery(make_subscription(stranger, sink.url))

        turn_to_the_end(drain)

    assert (len(busy.requests), len(sink.requests)) == (40, 1)
    assert sink.requests[0].at < busy.requests[-1].at


def test_hanging_receivers_of_one_tenant_leave_a_place_for_another(
    tenant: Tenant, stranger: Tenant, sink: Sink
) -> None:
    with Sink([Answer(delay=60)]) as hanging, Drain() as drain:
        owe(tenant, hanging.url, subscriptions=20, deliveries=4)
        turn_until(drain, lambda: len(hanging.requests) == 8)
        delivery = make_delivery(make_subscription(stranger, sink.url))

        turn_until(drain, lambda: not Delivery.objects.filter(id=delivery.id).pending().exists())
        under_way = len(hanging.requests)

    assert under_way == 8
    assert len(sink.requests) == 1


def test_large_events_of_one_tenant_leave_room_for_another(
    tenant: Tenant, stranger: Tenant, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffers, "MAX_SIZE", 3 * LARGE)
    large = {"text": "x" * (LARGE + 1)}
    with Sink([Answer(delay=60)]) as hanging, Drain() as drain:
        for number in range(4):
            make_subscription(tenant, hanging.url, name=f"No. {number}")
        publish(tenant, data={**large})
        events.dispatch()
        turn_until(drain, lambda: len(hanging.requests) == 2)
        make_subscription(stranger, sink.url)
        publish(stranger, data={**large})
        events.dispatch()

        turn_until(drain, lambda: sink.requests)
        under_way = len(hanging.requests)

    assert under_way == 2
    assert large["text"].encode() in sink.requests[0].body


def test_large_event_is_sent_whole(tenant: Tenant, sink: Sink) -> None:
    text = "€" * LARGE
    make_subscription(tenant, sink.url)
    publish(tenant, data={"text": text})
    events.dispatch()

    with Drain() as drain:
        turn_to_the_end(drain)

    assert text in sink.requests[0].body.decode()


def test_event_that_is_owed_to_many_is_handed_out_with_few_others(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "BATCH_ROWS", 10)
    for number in range(4):
        make_subscription(tenant, name=f"No. {number}")
        make_subscription(tenant, name=f"Of users, no. {number}", event_types=["user.created"])
    for _ in range(5):
        publish(tenant)

    handled = [events.dispatch_once() for _ in range(4)]

    assert dispatch.fan_out(tenant, ["order.created"]) == {"order.created": 4}
    assert handled == [2, 2, 1, 0]
    assert Delivery.objects.count() == 20
    assert not Event.objects.filter(position=None).exists()
