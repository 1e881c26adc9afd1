"""Sending again while somebody else erases, or deletes: one of the two gives way, and clearly.

SQLite lets one of them begin at all, so there is nothing to see there.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from core.models import Event
from tests.makers import make_actor, make_tenant
from tests.sinks import wait_until
from tests.subscriptions import give_up, make_delivery, make_subscription
from webhooks import retention, services
from webhooks.errors import NotReplayableError
from webhooks.models import Delivery, Lane, Replay, Subscription
from webhooks.services import Span, recoveries

OLD = timedelta(days=91)

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer"),
    pytest.mark.django_db(transaction=True),
]


def given_up() -> Delivery:
    """Return a delivery that was given up, of an event that is old enough to be erased."""
    delivery = make_delivery(make_subscription(make_tenant("acme")))
    give_up(delivery)
    Event.objects.filter(id=delivery.event_id).update(occurred_at=timezone.now() - OLD)
    return delivery


def while_open(change: Callable[[], object], meanwhile: Callable[[], object]) -> None:
    """Do something while another one's transaction has done ``change`` and not committed it."""
    may_commit = threading.Event()

    def do() -> None:
        try:
            meanwhile()
        finally:
            may_commit.set()

    _beside(change, may_commit.wait, do)


def until_committed(change: Callable[[], object], waiting: Callable[[], object]) -> None:
    """Begin ``waiting`` while another one has done ``change``, who commits once it is waited for."""
    _beside(change, lambda: wait_until(somebody_waits), waiting)


def _beside(
    change: Callable[[], object], hold: Callable[[], object], meanwhile: Callable[[], object]
) -> None:
    """Do something beside a transaction that does ``change`` and commits when ``hold`` returns."""
    done = threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                change()
                done.set()
                hold()
        finally:
            done.set()
            connections.close_all()

    other = threading.Thread(target=work)
    other.start()
    try:
        done.wait()
        meanwhile()
    finally:
        other.join()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_event_that_is_being_replayed_is_not_erased() -> None:
    delivery = given_up()

    while_open(
        lambda: services.replay(delivery, actor=make_actor()),
        retention.erase_expired,
    )

    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.PENDING
    assert Event.objects.filter(id=delivery.event_id, data__isnull=False).exists()
    assert retention.erase_expired() == 0


def test_replay_of_what_is_being_erased_is_refused() -> None:
    delivery = given_up()

    def replay() -> None:
        with pytest.raises(NotReplayableError, match="has been erased"):
            services.replay(delivery, actor=make_actor())

    until_committed(retention.erase_expired, replay)

    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DEAD
    assert not Event.objects.filter(id=delivery.event_id, data__isnull=False).exists()


def test_long_replay_of_what_is_being_deleted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recoveries, "BATCH_SIZE", 0)
    delivery = given_up()
    subscription, tenant = delivery.subscription, delivery.tenant
    span = Span(since=timezone.now() - timedelta(days=1), subscription=subscription)

    def recover() -> None:
        with pytest.raises(Subscription.DoesNotExist):
            services.recover(tenant, span, actor=make_actor())

    until_committed(lambda: services.delete_subscription(subscription, actor=make_actor()), recover)

    assert (Replay.objects.count(), Lane.objects.count()) == (0, 0)
