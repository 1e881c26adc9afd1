"""Making up for what lanes do not know."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.models import Tenant
from tests.makers import make_actor
from tests.sinks import Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks import repair, services, tasks
from webhooks.models import Delivery, Lane

HOUR = timedelta(hours=1)


def test_subscription_without_a_lane_gets_one_and_is_sent_what_it_is_owed(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)
    Lane.objects.all().delete()

    without = delivering.drain()
    repaired = tasks.repair_lanes()
    attempts = delivering.drain()

    assert (without, repaired, attempts, len(sink.requests)) == (0, 2, 1, 1)
    assert Lane.objects.get().tenant_id == tenant.id


@pytest.mark.parametrize("believed", [None, HOUR], ids=["nothing", "later"])
def test_lane_that_believes_too_little_is_corrected(
    tenant: Tenant, sink: Sink, believed: timedelta | None
) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)
    due_at = None if believed is None else timezone.now() + believed
    Lane.objects.update(due_at=due_at)

    repaired = tasks.repair_lanes()
    attempts = delivering.drain()

    assert (repaired, attempts, len(sink.requests)) == (1, 1, 1)


def test_lane_is_due_when_the_first_of_its_deliveries_is(tenant: Tenant) -> None:
    now = timezone.now()
    subscription = make_subscription(tenant)
    deliveries = [make_delivery(subscription) for _ in range(3)]
    for delivery, hours in zip(deliveries, (3, 2, 4), strict=True):
        moment = now + hours * HOUR
        Delivery.objects.filter(id=delivery.id).update(next_attempt_at=moment)
    Lane.objects.update(due_at=None)

    repaired = repair.repair_lanes(now)

    assert (repaired, Lane.objects.get().due_at) == (1, now + 2 * HOUR)


def test_lane_that_is_right_is_left_alone(tenant: Tenant) -> None:
    waiting = make_subscription(tenant, name="Waiting")
    later = timezone.now() + HOUR
    delivery = make_delivery(waiting)
    Delivery.objects.filter(id=delivery.id).update(next_attempt_at=later)
    Lane.objects.filter(subscription=waiting).update(due_at=later)
    idle = make_subscription(tenant, name="Idle", event_types=["nothing.*"])

    repaired = tasks.repair_lanes()

    due_at = dict(Lane.objects.values_list("subscription", "due_at"))
    assert (repaired, due_at) == (0, {waiting.id: later, idle.id: None})


def test_lane_of_a_subscription_that_is_switched_off_is_left_alone(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_delivery(subscription)
    services.disable(subscription, actor=make_actor())
    Lane.objects.update(due_at=None)

    repaired = tasks.repair_lanes()

    assert (repaired, Lane.objects.get().due_at) == (0, None)


def test_deleted_subscription_gets_no_lane(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_delivery(subscription)
    services.delete_subscription(subscription, actor=make_actor())

    repaired = tasks.repair_lanes()

    assert (repaired, Lane.objects.count()) == (0, 0)


def test_what_is_held_up_by_its_order_does_not_call_its_lane(tenant: Tenant) -> None:
    now = timezone.now()
    subscription = make_subscription(tenant, ordering="block")
    failed, held_up = (make_delivery(subscription) for _ in range(2))
    Delivery.objects.filter(id=failed.id).update(failures=1, next_attempt_at=now + HOUR)
    Lane.objects.update(due_at=now + HOUR)

    repaired = tasks.repair_lanes()

    held_up.refresh_from_db()
    assert held_up.next_attempt_at is not None
    assert held_up.next_attempt_at <= timezone.now()
    assert (repaired, Lane.objects.get().due_at) == (0, now + HOUR)


def test_ordered_lane_that_believes_to_have_nothing_is_corrected(
    tenant: Tenant, sink: Sink
) -> None:
    make_delivery(make_subscription(tenant, sink.url, ordering="block"))
    Lane.objects.update(due_at=None)

    repaired = tasks.repair_lanes()

    assert (repaired, delivering.drain(), len(sink.requests)) == (1, 1, 1)


def test_more_than_is_repaired_at_once_is_repaired_by_the_next_run(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "MOST_REPAIRED", 2)
    for number in range(3):
        make_subscription(tenant, name=str(number))
    Lane.objects.all().delete()

    repaired = [tasks.repair_lanes() for _ in range(3)]

    assert (repaired, Lane.objects.count()) == ([2, 1, 0], 3)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans differ")
def test_earliest_delivery_is_found_by_the_index_of_what_is_due(tenant: Tenant) -> None:
    make_delivery(make_subscription(tenant))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = repair._late(timezone.now()).explain()

    assert "delivery_due" in plan
