"""Deliveries of one entity in the order of its events."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core import events
from core.models import Tenant
from tests.drains import turn_to_the_end, turn_until
from tests.makers import make_actor, make_event
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import NOWHERE, give_up, make_due, make_subscription
from webhooks import delivery as delivering
from webhooks import lanes, services
from webhooks.delivery import Drain
from webhooks.models import Delivery, Lane, Subscription

Ordering = Subscription.Ordering
State = Delivery.State
FAILS = Answer(status=500)


def publish_numbers(tenant: Tenant, count: int, entity: str = "P-1") -> None:
    """Publish events 1, 2, 3 … of one entity, and have them handed out."""
    for number in range(1, count + 1):
        make_event(tenant, data={"n": number}, entity_id=entity)
    events.dispatch()


def ordered(
    tenant: Tenant, url: str, ordering: Ordering, seconds: int | None = None
) -> Subscription:
    return make_subscription(
        tenant,
        url,
        event_types=["parcel.*"],
        payload='{"n": {{parcel.n}}, "of": {{event.entity_id}}}',
        ordering=ordering,
        ordering_seconds=seconds,
    )


def numbers(sink: Sink, entity: str = "P-1") -> list[int]:
    """Return the numbers that arrived of one entity, in the order of their arrival."""
    bodies = [json.loads(request.body) for request in sink.requests]
    return [body["n"] for body in bodies if body["of"] == entity]


def first() -> Delivery:
    delivery: Delivery = Delivery.objects.order_by("position")[0]
    return delivery


def age(delivery: Delivery, by: timedelta) -> None:
    created_at = timezone.now() - by
    Delivery.objects.filter(id=delivery.id).update(created_at=created_at)


@pytest.mark.parametrize(
    ("ordering", "seconds"),
    [(Ordering.SKIP, None), (Ordering.BLOCK, None), (Ordering.BLOCK_FOR, 60)],
)
def test_events_of_one_entity_arrive_one_after_the_other(
    tenant: Tenant, ordering: Ordering, seconds: int | None
) -> None:
    with Sink([Answer(delay=0.02)]) as sink:
        ordered(tenant, sink.url, ordering, seconds)
        publish_numbers(tenant, 8)

        delivering.drain()

    assert numbers(sink) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sink.most_concurrent == 1


def test_entities_do_not_wait_for_each_other(tenant: Tenant) -> None:
    with Sink([Answer(delay=0.2)]) as sink:
        ordered(tenant, sink.url, Ordering.BLOCK)
        publish_numbers(tenant, 2, "P-1")
        publish_numbers(tenant, 2, "P-2")

        delivering.drain()

    assert (numbers(sink, "P-1"), numbers(sink, "P-2")) == ([1, 2], [1, 2])
    assert sink.most_concurrent == 2


def test_events_of_no_entity_wait_for_nobody(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        ordered(tenant, sink.url, Ordering.BLOCK)
        publish_numbers(tenant, 3, "")

        delivering.drain()

    assert sorted(numbers(sink, "")) == [1, 2, 3]


def test_skip_goes_on_behind_a_delivery_that_has_failed(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        ordered(tenant, sink.url, Ordering.SKIP)
        publish_numbers(tenant, 3)

        delivering.drain()

    assert numbers(sink) == [1, 2, 3]
    assert first().state == State.PENDING


def test_failed_deliveries_of_one_entity_are_retried_one_after_the_other(tenant: Tenant) -> None:
    with Sink([FAILS] * 4 + [Answer(delay=0.05)]) as sink:
        subscription = ordered(tenant, sink.url, Ordering.SKIP)
        publish_numbers(tenant, 4)
        delivering.drain()
        failed = Delivery.objects.filter(subscription=subscription).pending()
        publish_numbers(tenant, 2)

        for each in failed:
            make_due(each)
        delivering.drain()

    assert numbers(sink) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]
    assert sink.most_concurrent == 1


def test_delivery_that_is_replayed_waits_for_the_one_that_is_under_way(tenant: Tenant) -> None:
    with Sink([FAILS, Answer(delay=0.5), Answer()]) as sink, Drain() as drain:
        ordered(tenant, sink.url, Ordering.BLOCK)
        publish_numbers(tenant, 1)
        turn_to_the_end(drain)
        give_up(first())
        publish_numbers(tenant, 3)
        turn_until(drain, lambda: len(sink.requests) == 2)

        services.replay(first(), actor=make_actor())
        turn_to_the_end(drain)

    assert numbers(sink) == [1, 1, 1, 2, 3]
    assert sink.most_concurrent == 1


def test_block_waits_for_a_delivery_that_has_failed_until_it_arrives(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        ordered(tenant, sink.url, Ordering.BLOCK)
        publish_numbers(tenant, 3)

        delivering.drain()
        before = numbers(sink)
        make_due(first())
        delivering.drain()

    assert (before, numbers(sink)) == ([1], [1, 1, 2, 3])


def test_block_goes_on_behind_a_delivery_that_was_given_up(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        subscription = ordered(tenant, sink.url, Ordering.BLOCK)
        publish_numbers(tenant, 3)
        delivering.drain()

        give_up(first())
        make_due(Delivery.objects.filter(subscription=subscription).pending()[0])
        delivering.drain()

    assert numbers(sink) == [1, 2, 3]


def test_block_for_waits_for_its_time_and_then_goes_on(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        subscription = ordered(tenant, sink.url, Ordering.BLOCK_FOR, 60)
        publish_numbers(tenant, 3)
        delivering.drain()
        second = Delivery.objects.get(subscription=subscription, position=2)

        age(first(), timedelta(seconds=50))
        make_due(second)
        delivering.drain()
        meanwhile = numbers(sink)
        age(first(), timedelta(seconds=70))
        make_due(second)
        delivering.drain()

    assert (meanwhile, numbers(sink)) == ([1], [1, 2, 3])


def test_without_ordering_a_failed_delivery_holds_nobody_up(tenant: Tenant) -> None:
    with Sink([FAILS, Answer()]) as sink:
        ordered(tenant, sink.url, Ordering.NONE)
        publish_numbers(tenant, 3)

        delivering.drain()

    assert sorted(numbers(sink)) == [1, 2, 3]


@pytest.mark.parametrize("ordering", [Ordering.NONE, Ordering.BLOCK])
def test_each_lane_is_left_until_something_in_it_may_be_sent(
    tenant: Tenant, ordering: Ordering
) -> None:
    with Sink([FAILS]) as sink:
        for _ in range(3):
            ordered(tenant, sink.url, ordering)
        publish_numbers(tenant, 2)

        delivering.drain()

    failed = Delivery.objects.filter(failures=1).order_by("next_attempt_at")
    first = {each.subscription_id: each.next_attempt_at for each in reversed(failed)}
    assert dict(Lane.objects.values_list("pk", "due_at")) == first
    assert len(first) == 3


def test_lane_of_a_subscription_that_is_off_is_left_until_it_is_on_again(tenant: Tenant) -> None:
    subscription = ordered(tenant, NOWHERE, Ordering.BLOCK)
    publish_numbers(tenant, 2)
    owner, now = uuid4(), timezone.now()
    (lane,) = lanes.take(owner, 1, now, lanes.LEASE)
    services.disable(subscription, actor=make_actor())

    lanes.leave(owner, {lane.subscription_id: lane}, 0.0, now)

    assert Lane.objects.get().due_at is None
    assert Delivery.objects.pending().count() == 2
