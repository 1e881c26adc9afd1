"""One slow receiver delays nobody else, and no receiver gets more than it may."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from core import events
from core.models import Tenant
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import tasks
from webhooks.delivery import Drain
from webhooks.models import Delivery, Lane, Subscription


def owners(*subscriptions: Subscription) -> list[bool]:
    """Return of each subscription whether a worker sends from its lane."""
    lanes = Lane.objects.in_bulk([each.id for each in subscriptions])
    return [lanes[each.id].owner is not None for each in subscriptions]


def test_slow_receiver_holds_nobody_else_up(tenant: Tenant, sink: Sink) -> None:
    with Sink([Answer(delay=0.5)]) as slow:
        make_subscription(tenant, slow.url, name="Slow")
        make_subscription(tenant, sink.url, name="Healthy")
        for _ in range(12):
            publish(tenant)
        events.dispatch()

        attempts = delivering.drain()

    assert attempts == 24
    assert len(slow.requests) == len(sink.requests) == 12
    # All of the healthy one's were sent while the slow one had its first on its hands.
    assert sink.requests[11].at < slow.requests[0].at + 0.5


def test_receiver_gets_no_more_at_once_than_it_may(tenant: Tenant) -> None:
    with Sink([Answer(delay=0.05)]) as sink:
        make_subscription(tenant, sink.url, concurrency=2)
        for _ in range(9):
            publish(tenant)
        events.dispatch()

        attempts = delivering.drain()

    assert attempts == 9
    assert sink.most_concurrent == 2


def test_receiver_is_called_no_more_often_than_it_may_be(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url, rate_limit=30)
    for _ in range(5):
        publish(tenant)
    events.dispatch()

    attempts = delivering.drain()
    again = delivering.drain()

    # One at once; the next one is due in two seconds, for which no worker waits.
    assert (attempts, again) == (1, 0)
    lane = Lane.objects.get(subscription=subscription)
    assert lane.due_at is not None
    assert lane.paused_until is not None
    assert timedelta(0) < lane.paused_until - timezone.now() <= timedelta(seconds=2)


def test_lane_has_one_worker_at_a_time(tenant: Tenant, sink: Sink) -> None:
    make_delivery(make_subscription(tenant, sink.url))

    with Drain() as first, Drain() as second:
        first.work()
        second_found_work = second.work()

    assert not second_found_work
    assert first.attempts == second.attempts == 0


def test_lane_of_a_dead_worker_is_taken_over_when_its_lease_has_ended(
    tenant: Tenant, sink: Sink
) -> None:
    delivery = make_delivery(make_subscription(tenant, sink.url))
    with suppress(ZeroDivisionError), Drain(lease=timedelta(seconds=-1)) as dead:
        dead.work()
        _ = 1 / 0

    attempts = delivering.drain()

    assert attempts == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (Delivery.State.DELIVERED, 1)


def test_lane_is_free_when_its_worker_has_left(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)

    with Drain() as worker:
        worker.work()
        during = owners(subscription)

    lane = Lane.objects.get(subscription=subscription)
    assert during == [True]
    assert (lane.owner, lane.owned_until) == (None, None)
    assert lane.due_at is not None


def test_lost_wake_up_is_made_good_by_the_safety_net(settings: LazySettings) -> None:
    assert tasks.deliver.__module__ + ".deliver" in settings.SAFETY_NET_TASKS


@pytest.mark.parametrize("event_types", [["parcel.*"], ["order.paid"]])
def test_lane_in_which_nothing_is_due_is_not_taken(
    tenant: Tenant, sink: Sink, event_types: list[str]
) -> None:
    subscription = make_subscription(tenant, sink.url, event_types=event_types)
    publish(tenant)
    events.dispatch()

    with Drain() as worker:
        worker.work()

        assert owners(subscription) == [False]
