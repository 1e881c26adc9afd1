"""Sending again all that was given up in a while: at once what is little, in batches what is much."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from core import events
from core.models import AuditEntry, Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.subscriptions import give_up, make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import services, tasks
from webhooks.errors import SubscriptionDisabledError
from webhooks.models import Delivery, Lane, Replay, Subscription
from webhooks.services import Span, recoveries

State = Delivery.State


def dead(subscription: Subscription, count: int, *, at: datetime | None = None) -> list[Delivery]:
    """Return deliveries that were given up, a second apart, the first one ``at`` a moment."""
    began = at or timezone.now() - timedelta(hours=1)
    for _ in range(count):
        publish(subscription.tenant)
    events.dispatch()
    pending = Delivery.objects.filter(subscription=subscription).pending().order_by("id")
    deliveries = list(pending)
    for number, delivery in enumerate(deliveries):
        give_up(delivery, at=began + timedelta(seconds=number))
    return deliveries


def pending(subscription: Subscription) -> int:
    count: int = Delivery.objects.filter(subscription=subscription).pending().count()
    return count


def last_day() -> Span:
    return Span(since=timezone.now() - timedelta(days=1))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoveries, "BATCH_SIZE", 2)


def test_span_begins_with_its_first_moment_and_ends_before_its_last(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    noon = timezone.now() - timedelta(hours=2)
    deliveries = dead(subscription, 4, at=noon)
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
    dead(subscription, 3)

    count = services.count_recoverable(tenant, last_day())

    assert (count, pending(subscription)) == (3, 0)
    assert OrmQ.objects.count() == AuditEntry.objects.filter(action__contains="replay").count() == 0


def test_what_cannot_be_sent_is_neither_counted_nor_replayed(
    tenant: Tenant, stranger: Tenant
) -> None:
    off, theirs = make_subscription(tenant, name="Off"), make_subscription(stranger)
    deliveries = [*dead(off, 1), *dead(theirs, 1)]
    services.disable(off, actor=make_actor())

    count = services.count_recoverable(tenant, last_day())
    recovery = services.recover(tenant, last_day(), actor=make_actor())

    assert (count, recovery.count) == (0, 0)
    rows = Delivery.objects.filter(id__in=[each.id for each in deliveries])
    assert [row.state for row in rows] == [State.DEAD, State.DEAD]


def test_subscription_that_is_switched_off_is_refused(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    (delivery,) = dead(subscription, 1)
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
    dead(subscription, 1)
    until = timezone.now() + timedelta(hours=1)
    Lane.objects.filter(subscription=subscription).update(trips=5, paused_until=until)

    services.recover(tenant, last_day(), actor=make_actor())

    lane = Lane.objects.get(subscription=subscription)
    assert (lane.trips, lane.paused_until) == (0, None)
    assert lane.due_at is not None
    assert lane.due_at <= timezone.now()


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_done_in_the_background(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    subscription = make_subscription(tenant)
    dead(subscription, 5)

    with django_capture_on_commit_callbacks(execute=True):
        recovery = services.recover(tenant, last_day(), actor=make_actor())
    before = pending(subscription)
    done = tasks.replay()

    assert (recovery.count, before, done, pending(subscription)) == (5, 0, 5, 5)
    assert [queued.func() for queued in OrmQ.objects.all()].count("webhooks.tasks.replay") == 1
    replay = Replay.objects.get()
    assert recovery.replay == replay
    assert (replay.total, replay.done, replay.state) == (5, 5, Replay.State.FINISHED)
    assert AuditEntry.objects.filter(action="replay.started").count() == 1


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_sent_from_the_oldest_to_the_youngest_in_batches(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    deliveries = dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())

    numbers = []
    for _ in range(3):
        recoveries.go_on(longest=timedelta(0))
        numbers.append(pending(subscription))

    assert numbers == [2, 4, 5]
    first = Delivery.objects.get(id=deliveries[0].id)
    last = Delivery.objects.get(id=deliveries[-1].id)
    assert first.next_attempt_at is not None
    assert last.next_attempt_at is not None
    assert first.next_attempt_at < last.next_attempt_at
    assert Replay.objects.get().state == Replay.State.FINISHED


@pytest.mark.usefixtures("small_batches")
def test_batch_that_was_rolled_back_is_done_by_the_next_worker(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = make_subscription(tenant)
    dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())
    recoveries.go_on(longest=timedelta(0))
    with monkeypatch.context() as broken:
        # The worker dies between the deliveries and the note of how far it is.
        broken.setattr(Replay, "save", _die)
        with pytest.raises(WorkerDiedError):
            tasks.replay()
    between = (pending(subscription), Replay.objects.get().done)

    tasks.replay()

    replay = Replay.objects.get()
    assert between == (2, 2)
    assert (pending(subscription), replay.done, replay.total) == (5, 5, 5)


class WorkerDiedError(Exception):
    """What stands here for kill -9."""


def _die(*args: Any, **options: Any) -> None:
    raise WorkerDiedError


@pytest.mark.usefixtures("small_batches")
def test_what_is_given_up_once_more_is_not_replayed_for_ever(tenant: Tenant) -> None:
    with Sink([Answer(status=400)]) as sink:
        subscription = make_subscription(
            tenant, sink.url, retry_policy={"maxRetries": 0}, concurrency=1
        )
        dead(subscription, 3)
        services.recover(tenant, last_day(), actor=make_actor())
        tasks.replay()
        delivering.drain()

        again = tasks.replay()

    assert (again, len(sink.requests)) == (0, 3)
    assert Delivery.objects.filter(state=State.DEAD).count() == 3


@pytest.mark.usefixtures("small_batches")
def test_canceled_replay_stops_where_it_is(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())
    recoveries.go_on(longest=timedelta(0))
    replay = Replay.objects.get()

    services.cancel(replay, actor=make_actor())
    services.cancel(replay, actor=make_actor())
    done = tasks.replay()

    assert (done, pending(subscription)) == (0, 2)
    assert (replay.state, replay.done) == (Replay.State.CANCELED, 2)
    assert AuditEntry.objects.filter(action="replay.canceled").count() == 1


@pytest.mark.usefixtures("small_batches")
def test_replays_take_turns(tenant: Tenant, stranger: Tenant) -> None:
    subscriptions = [make_subscription(of) for of in (tenant, stranger)]
    for subscription in subscriptions:
        dead(subscription, 5)
        services.recover(subscription.tenant, last_day(), actor=make_actor())

    for replay in Replay.objects.order_by("id"):
        recoveries._next_batch(replay.id)

    assert [pending(subscription) for subscription in subscriptions] == [2, 2]
    assert tasks.replay() == 6


def test_long_replay_is_picked_up_by_the_safety_net(settings: LazySettings) -> None:
    assert recoveries.REPLAY_TASK in settings.SAFETY_NET_TASKS


def test_one_of_two_who_replay_the_same_deliveries_does_it(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    deliveries = dead(subscription, 3)
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


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_counted_before_any_lane_is_locked(
    tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    subscription = make_subscription(tenant)
    dead(subscription, 5)

    with django_assert_max_num_queries(100) as queries:
        services.recover(tenant, last_day(), actor=make_actor())

    texts = [query["sql"] for query in queries.captured_queries]
    counted = [number for number, text in enumerate(texts) if "COUNT(" in text]
    locked = [number for number, text in enumerate(texts) if 'UPDATE "webhooks_lane"' in text]
    assert len(counted) == 1
    assert counted[0] < min(locked)
