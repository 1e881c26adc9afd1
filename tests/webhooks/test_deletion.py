"""Deleting a subscription: gone at once for everybody, erased little by little."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from core import events
from core.models import AuditEntry, Tenant
from tests.drains import LEASE, notice_changes, turn_to_the_end, turn_until
from tests.makers import make_actor, make_tenant
from tests.sinks import Answer, Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.staff import page_of
from tests.subscriptions import make_delivery, make_replay, make_subscription, publish
from webhooks import deletion, services, tasks
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Attempt, Delivery, Lane, Replay, SigningSecret, Subscription

BASE = "/api/v1/webhooks/subscriptions"


class WorkerDiedError(Exception):
    """What stands here for kill -9."""


def die(*args: Any, **options: Any) -> None:
    raise WorkerDiedError


def delete(*subscriptions: Subscription) -> None:
    for subscription in subscriptions:
        services.delete_subscription(subscription, actor=make_actor())


def owe(subscription: Subscription, count: int) -> None:
    for _ in range(count):
        publish(subscription.tenant)
    events.dispatch()


def left(subscription: Subscription) -> int:
    """Return how many deliveries of a subscription are still in the table."""
    return Delivery._base_manager.filter(subscription=subscription).count()


def rows_of(subscription: Subscription) -> int:
    return Subscription.with_deleted.filter(pk=subscription.pk).count()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "BATCH_SIZE", 2)


def test_deleted_subscription_is_not_seen_any_more(
    api: APIClient, acme_staff: Client, tenant: Tenant
) -> None:
    doomed = make_subscription(tenant, name="Doomed")
    kept = make_subscription(tenant, name="Kept")
    owe(doomed, 1)

    delete(doomed)

    assert [row["id"] for row in api.get(BASE).json()["data"]] == [kept.id]
    assert api.get(f"{BASE}/{doomed.id}").status_code == 404
    assert api.post(f"{BASE}/{doomed.id}/enable").status_code == 404
    assert b"Doomed" not in acme_staff.get(page_of(Subscription, "changelist")).content
    assert list(Subscription.objects.all()) == [kept]


def test_secrets_lane_and_replays_are_erased_at_once(tenant: Tenant) -> None:
    doomed = make_subscription(tenant, headers=[{"name": "Authorization", "value": "Bearer k-1"}])
    kept = make_subscription(tenant)
    for subscription in (doomed, kept):
        make_replay(tenant, subscription)

    delete(doomed)

    for model in (SigningSecret, Lane, Replay):
        assert list(model.objects.values_list("subscription", flat=True)) == [kept.id]
    row = Subscription.with_deleted.get(pk=doomed.pk)
    assert (row.headers, row.enabled) == ([], False)


def test_deleted_subscription_is_owed_and_sent_nothing(tenant: Tenant, sink: Sink) -> None:
    doomed = make_subscription(tenant, sink.url)
    owe(doomed, 2)

    delete(doomed)
    owe(doomed, 1)
    attempts = delivering.drain()

    assert (attempts, left(doomed), sink.requests) == (0, 2, [])


def test_subscription_that_was_being_changed_stays_deleted(tenant: Tenant) -> None:
    doomed = make_subscription(tenant)
    delete(doomed)

    with pytest.raises(Subscription.DoesNotExist):
        services.enable(doomed, actor=make_actor())
    with pytest.raises(Subscription.DoesNotExist):
        services.disable(doomed, actor=make_actor())
    with pytest.raises(Subscription.DoesNotExist):
        services.update_subscription(doomed, {"enabled": True}, actor=make_actor())
    with pytest.raises(Subscription.DoesNotExist):
        services.rotate_secret(doomed, actor=make_actor())

    assert not Subscription.with_deleted.get(pk=doomed.pk).enabled
    assert not SigningSecret.objects.exists()
    assert not AuditEntry.objects.filter(action="subscription.enabled").exists()


def test_one_of_two_who_delete_at_once_does_it(tenant: Tenant) -> None:
    doomed = make_subscription(tenant)

    delete(doomed, doomed)

    entry = AuditEntry.objects.get(action="subscription.deleted")
    assert (entry.target_id, entry.target_label) == (doomed.id, "Warehouse")


def test_erasing_takes_everything_and_nothing_else_along(tenant: Tenant, sink: Sink) -> None:
    doomed, kept = (make_subscription(tenant, sink.url, name=name) for name in ("A", "B"))
    owe(doomed, 3)
    delivering.drain()
    owe(doomed, 1)

    delete(doomed)
    erased = tasks.erase_deleted()

    assert (erased, left(doomed), rows_of(doomed)) == (4, 0, 0)
    assert (left(kept), Attempt.objects.count()) == (4, 3)
    assert tasks.erase_deleted() == 0
    assert AuditEntry.objects.filter(action="subscription.deleted").count() == 1


def test_erasing_is_called_for_by_the_deletion(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    doomed = make_subscription(tenant)

    with django_capture_on_commit_callbacks(execute=True):
        delete(doomed)

    assert [queued.func() for queued in OrmQ.objects.all()] == [deletion.ERASE_TASK]


@pytest.mark.usefixtures("small_batches")
def test_what_takes_too_long_is_left_to_a_new_task(
    tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    doomed = make_subscription(tenant)
    owe(doomed, 5)
    delete(doomed)

    with django_capture_on_commit_callbacks(execute=True):
        erased = deletion.erase_deleted(longest=timedelta(0))

    assert (erased, left(doomed)) == (2, 3)
    assert [queued.func() for queued in OrmQ.objects.all()].count(deletion.ERASE_TASK) == 1


@pytest.mark.usefixtures("small_batches")
def test_deleted_subscriptions_take_turns(tenant: Tenant) -> None:
    first, second = (make_subscription(tenant, name=name) for name in ("A", "B"))
    owe(first, 5)
    delete(first, second)

    batches = [deletion._batches(remains) for remains in deletion._remains()]
    for each in batches:
        next(each)

    assert (left(first), left(second)) == (3, 3)


@pytest.mark.usefixtures("small_batches")
def test_what_a_killed_run_has_left_is_erased_by_the_next(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = make_subscription(tenant)
    owe(doomed, 5)
    delete(doomed)
    deletion.erase_deleted(longest=timedelta(0))
    with monkeypatch.context() as broken:
        # The worker dies between the last delivery and the row that leads to them.
        broken.setattr(deletion, "_erase_row", die)
        with pytest.raises(WorkerDiedError):
            tasks.erase_deleted()
    between = (left(doomed), rows_of(doomed))

    tasks.erase_deleted()

    assert (between, rows_of(doomed)) == ((0, 1), 0)


def test_answer_to_the_last_request_lets_the_worker_go_on(tenant: Tenant) -> None:
    with Sink([Answer(status=500, delay=0.5)]) as failing:
        doomed = make_subscription(tenant, failing.url)
        make_delivery(doomed)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: failing.requests)
            delete(doomed)
            deletion.erase_deleted()
            notice_changes(drain)
            turn_until(drain, lambda: drain.attempts)
            turn_to_the_end(drain)

    assert drain.attempts == 1
    assert (left(doomed), rows_of(doomed), Attempt.objects.count()) == (0, 0, 0)


def test_answer_that_is_noted_before_the_erasing_is_erased_with_the_rest(tenant: Tenant) -> None:
    with Sink([Answer(status=500, delay=0.5)]) as failing:
        doomed = make_subscription(tenant, failing.url)
        make_delivery(doomed)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: failing.requests)
            delete(doomed)
            turn_until(drain, Attempt._base_manager.exists)
            turn_to_the_end(drain)

    erased = deletion.erase_deleted()

    assert (erased, rows_of(doomed), Attempt._base_manager.count()) == (1, 0, 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_delivery_that_somebody_has_locked_is_passed_over_and_waited_for_by_nobody() -> None:
    doomed = make_subscription(make_tenant("acme"))
    owe(doomed, 3)
    held = Delivery.objects.order_by("id")[1]
    delete(doomed)
    locked, done = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            Delivery._base_manager.filter(pk=held.pk).update(next_attempt_at=timezone.now())
            locked.set()
            done.wait()
        connections.close_all()

    worker = threading.Thread(target=write)
    worker.start()
    try:
        locked.wait()
        first = deletion.erase_deleted()
    finally:
        done.set()
        worker.join()
    between = (left(doomed), rows_of(doomed))
    second = deletion.erase_deleted()

    assert (first, between, second, rows_of(doomed)) == (2, (1, 1), 1, 0)
