"""Long replays: done in the background, in batches, by whoever is there."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django_q.models import OrmQ

from core.models import AuditEntry, Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.subscriptions import (
    count_pending,
    last_day,
    make_dead,
    make_subscription,
)
from webhooks import delivery as delivering
from webhooks import services, tasks
from webhooks.models import Delivery, Replay
from webhooks.services import recoveries

State = Delivery.State


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoveries, "BATCH_SIZE", 2)


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_done_in_the_background(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 5)

    with django_capture_on_commit_callbacks(execute=True):
        recovery = services.recover(tenant, last_day(), actor=make_actor())
    before = count_pending(subscription)
    done = tasks.replay()

    assert (recovery.count, before, done, count_pending(subscription)) == (5, 0, 5, 5)
    assert [queued.func() for queued in OrmQ.objects.all()].count("webhooks.tasks.replay") == 1
    replay = Replay.objects.get()
    assert recovery.replay == replay
    assert (replay.total, replay.done, replay.state) == (5, 5, Replay.State.FINISHED)
    assert AuditEntry.objects.filter(action="replay.started").count() == 1


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_sent_from_the_oldest_to_the_youngest_in_batches(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    deliveries = make_dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())

    numbers = []
    for _ in range(3):
        recoveries.go_on(longest=timedelta(0))
        numbers.append(count_pending(subscription))

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
    make_dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())
    recoveries.go_on(longest=timedelta(0))
    with monkeypatch.context() as broken:
        # The worker dies between the deliveries and the note of how far it is.
        broken.setattr(Replay, "save", _die)
        with pytest.raises(WorkerDiedError):
            tasks.replay()
    between = (count_pending(subscription), Replay.objects.get().done)

    tasks.replay()

    replay = Replay.objects.get()
    assert between == (2, 2)
    assert (count_pending(subscription), replay.done, replay.total) == (5, 5, 5)


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
        make_dead(subscription, 3)
        services.recover(tenant, last_day(), actor=make_actor())
        tasks.replay()
        delivering.drain()

        again = tasks.replay()

    assert (again, len(sink.requests)) == (0, 3)
    assert Delivery.objects.filter(state=State.DEAD).count() == 3


@pytest.mark.usefixtures("small_batches")
def test_canceled_replay_stops_where_it_is(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 5)
    services.recover(tenant, last_day(), actor=make_actor())
    recoveries.go_on(longest=timedelta(0))
    replay = Replay.objects.get()

    services.cancel(replay, actor=make_actor())
    services.cancel(replay, actor=make_actor())
    done = tasks.replay()

    assert (done, count_pending(subscription)) == (0, 2)
    assert (replay.state, replay.done) == (Replay.State.CANCELED, 2)
    assert AuditEntry.objects.filter(action="replay.canceled").count() == 1


@pytest.mark.usefixtures("small_batches")
def test_replays_take_turns(tenant: Tenant, stranger: Tenant) -> None:
    subscriptions = [make_subscription(of) for of in (tenant, stranger)]
    for subscription in subscriptions:
        make_dead(subscription, 5)
        services.recover(subscription.tenant, last_day(), actor=make_actor())

    for replay in Replay.objects.order_by("id"):
        recoveries._next_batch(replay.id)

    assert [count_pending(subscription) for subscription in subscriptions] == [2, 2]
    assert tasks.replay() == 6


def test_long_replay_is_picked_up_by_the_safety_net(settings: LazySettings) -> None:
    assert recoveries.REPLAY_TASK in settings.SAFETY_NET_TASKS


@pytest.mark.usefixtures("small_batches")
def test_long_replay_is_counted_before_any_lane_is_locked(
    tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 5)

    with django_assert_max_num_queries(100) as queries:
        services.recover(tenant, last_day(), actor=make_actor())

    texts = [query["sql"] for query in queries.captured_queries]
    counted = [number for number, text in enumerate(texts) if "COUNT(" in text]
    locked = [number for number, text in enumerate(texts) if 'UPDATE "webhooks_lane"' in text]
    assert len(counted) == 1
    assert counted[0] < min(locked)


@pytest.mark.usefixtures("small_batches")
def test_long_replay_waits_while_its_subscription_is_off(tenant: Tenant) -> None:
    subscription = make_subscription(tenant)
    make_dead(subscription, 5)
    services.recover(tenant, last_day(subscription), actor=make_actor())
    services.disable(subscription, actor=make_actor())
    while_off = (tasks.replay(), Replay.objects.get().finished_at)

    services.enable(subscription, actor=make_actor())
    tasks.replay()

    replay = Replay.objects.get()
    assert while_off == (0, None)
    assert (count_pending(subscription), replay.done, replay.finished_at is None) == (5, 5, False)


@pytest.mark.usefixtures("small_batches")
def test_replay_that_fails_does_not_stop_those_of_others(
    tenant: Tenant, stranger: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, healthy = make_subscription(tenant), make_subscription(stranger)
    for subscription in (failing, healthy):
        make_dead(subscription, 5)
        services.recover(subscription.tenant, last_day(), actor=make_actor())
    failing_replay = Replay.objects.for_tenant(tenant).get()
    save = Replay.save

    def fail(replay: Replay, *arguments: Any, **options: Any) -> None:
        if replay.pk == failing_replay.pk:
            raise WorkerDiedError
        save(replay, *arguments, **options)

    monkeypatch.setattr(Replay, "save", fail)
    with pytest.raises(WorkerDiedError):
        tasks.replay()

    assert (count_pending(failing), count_pending(healthy)) == (0, 5)
