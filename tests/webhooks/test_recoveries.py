"""Sending again all that was given up in a while: at once what is little, in batches what is much."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from core.models import AuditEntry, Tenant
from tests.makers import make_actor
from tests.subscriptions import (
    count_pending,
    last_day,
    make_dead,
    make_delivery,
    make_subscription,
)
from webhooks import services
from webhooks.errors import SubscriptionDisabledError
from webhooks.models import Delivery, Lane
from webhooks.services import Span

State = Delivery.State


def test_span_begins_with_its_first_moment_and_ends_before_its_last(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    noon = timezone.now() - timedelta(hours=2)
    deliveries = make_dead(subscription, 4, at=noon)
    span = Span(
        since=noon + timedelta(seconds=1),
        until=noon + timedelta(seconds=3),
        subscription=subscription,
    )

    recovery = services.recover(tenant, span, actor=make_actor())

    states = Delivery.objects.in_bulk([each.id for each in deliveries])
    assert (recovery.count, recovery.replay) == (2, None)
    assert [states[each.id].state for each in deliveries] == [
        State.DEAD,
        State.PENDING,
        State.PENDING,
        State.DEAD,
    ]


def test_preview_counts_and_does_nothing(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 3)

    count = services.count_recoverable(tenant, last_day())

    assert (count, count_pending(subscription)) == (3, 0)
    assert OrmQ.objects.count() == AuditEntry.objects.filter(action__contains="replay").count() == 0


def test_what_cannot_be_sent_is_neither_counted_nor_replayed(
    tenant: Tenant, stranger: Tenant
) -> None:
    off, theirs = make_subscription(tenant, name="Off"), make_subscription(stranger)
    deliveries = [*make_dead(off, 1), *make_dead(theirs, 1)]
    services.disable(off, actor=make_actor())

    count = services.count_recoverable(tenant, last_day())
    recovery = services.recover(tenant, last_day(), actor=make_actor())

    assert (count, recovery.count) == (0, 0)
    rows = Delivery.objects.filter(id__in=[each.id for each in deliveries])
    assert [row.state for row in rows] == [State.DEAD, State.DEAD]


def test_subscription_that_is_switched_off_is_refused(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    (delivery,) = make_dead(subscription, 1)
    services.disable(subscription, actor=make_actor())
    span = Span(since=timezone.now() - timedelta(days=1), subscription=subscription)

    for attempt in (
        lambda: services.recover(tenant, span, actor=make_actor()),
        lambda: services.count_recoverable(tenant, span),
        lambda: services.replay(delivery, actor=make_actor()),
        lambda: services.retry_now(delivery, actor=make_actor()),
    ):
        with pytest.raises(SubscriptionDisabledError, match="Warehouse is switched off"):
            attempt()

    delivery.refresh_from_db()
    assert delivery.state == State.DEAD


def test_recovery_closes_the_circuit_of_its_receiver(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 1)
    until = timezone.now() + timedelta(hours=1)
    Lane.objects.filter(subscription=subscription).update(trips=5, paused_until=until)

    services.recover(tenant, last_day(), actor=make_actor())

    lane = Lane.objects.get(subscription=subscription)
    assert (lane.trips, lane.paused_until) == (0, None)
    assert lane.due_at is not None
    assert lane.due_at <= timezone.now()


def test_one_of_two_who_replay_the_same_deliveries_does_it(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    deliveries = make_dead(subscription, 3)
    chosen = Delivery.objects.filter(id__in=[each.id for each in deliveries])

    counts = [services.replay_many(tenant, chosen, actor=make_actor()) for _ in range(2)]

    assert counts == [3, 0]


def test_retry_by_hand_lets_the_retries_go_on_counting(tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    later = timezone.now() + timedelta(hours=10)
    Delivery.objects.filter(id=delivery.id).update(next_attempt_at=later, failures=6, attempts=6)

    services.retry_now(delivery, actor=make_actor())

    assert (delivery.state, delivery.failures, delivery.attempts) == (State.PENDING, 6, 6)
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at <= timezone.now()
    assert AuditEntry.objects.filter(action="delivery.retried").count() == 1


def test_retry_by_hand_puts_nothing_back_that_is_due_already(tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    due_at = delivery.next_attempt_at

    services.retry_now(delivery, actor=make_actor())

    assert delivery.next_attempt_at == due_at
