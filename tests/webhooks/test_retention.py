"""Erasing what is older than a tenant wants it kept."""

from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from core.models import AuditEntry, Event, Tenant
from records import feed
from tests.makers import make_actor, make_event
from tests.orders import dispatch, make_order
from tests.sinks import Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.staff import errors_of, page_of
from tests.subscriptions import give_up, make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks import retention, services, tasks
from webhooks.errors import NotReplayableError
from webhooks.models import Attempt, Delivery

OLD, YOUNG = timedelta(days=91), timedelta(days=89)


def date_back(event: Event, by: timedelta) -> datetime:
    """Have an event look as old as that."""
    moment = timezone.now() - by
    Event.objects.filter(id=event.id).update(occurred_at=moment)
    return moment


def kept(event: Event) -> bool:
    return bool(Event.objects.filter(id=event.id, data__isnull=False).exists())


def sent(tenant: Tenant, sink: Sink) -> Delivery:
    """Return a delivery that has arrived, with its attempt in the log."""
    delivery = make_delivery(make_subscription(tenant, sink.url))
    delivering.drain()
    delivery.refresh_from_db()
    return delivery


def test_old_data_and_attempts_go_and_the_outcome_stays(tenant: Tenant, sink: Sink) -> None:
    old, young = sent(tenant, sink), sent(tenant, sink)
    Delivery.objects.exclude(id__in=[old.id, young.id]).delete()
    date_back(old.event, OLD)
    date_back(young.event, YOUNG)

    erased = tasks.erase_expired()

    assert erased == 1
    assert (kept(old.event), kept(young.event)) == (False, True)
    assert list(Attempt.objects.values_list("delivery", flat=True)) == [young.id]
    assert Delivery.objects.get(id=old.id).state == Delivery.State.DELIVERED
    assert Event.objects.get(id=old.event_id).type == "order.created"


def test_event_that_is_still_owed_is_kept_until_it_is_not(tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    date_back(delivery.event, OLD)

    while_owed = tasks.erase_expired()
    give_up(delivery)
    afterwards = tasks.erase_expired()

    assert (while_owed, afterwards) == (0, 1)


def test_event_without_a_place_in_the_log_is_kept(tenant: Tenant) -> None:
    event = make_event(tenant)
    date_back(event, OLD)

    assert tasks.erase_expired() == 0
    assert kept(event)


@pytest.mark.parametrize("days", [0, None])
def test_tenant_may_want_everything_kept(
    tenant: Tenant, stranger: Tenant, days: int | None
) -> None:
    events = [make_event(of) for of in (tenant, stranger)]
    dispatch()
    for event in events:
        date_back(event, timedelta(days=5_000))
    Tenant.objects.filter(pk=tenant.pk).update(retention_days=days)

    tasks.erase_expired()

    assert [kept(event) for event in events] == [True, False]


def test_each_tenant_has_its_own_time(tenant: Tenant, stranger: Tenant) -> None:
    events = [make_event(of) for of in (tenant, stranger)]
    dispatch()
    for event in events:
        date_back(event, timedelta(days=10))
    Tenant.objects.filter(pk=tenant.pk).update(retention_days=9)

    tasks.erase_expired()

    assert [kept(event) for event in events] == [False, True]


def test_more_than_a_batch_is_erased_past_what_must_stay(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    subscription = make_subscription(tenant, event_types=["order.*"])
    owed = make_delivery(subscription)
    events = [make_event(tenant) for _ in range(5)]
    dispatch()
    moment = date_back(owed.event, OLD)
    # Of the same moment: the place to go on from is not the moment alone.
    Event.objects.filter(id__in=[event.id for event in events]).update(occurred_at=moment)

    erased = tasks.erase_expired()

    assert erased == 5
    assert kept(owed.event)


def test_attempts_of_a_run_that_was_killed_in_the_middle_are_found_by_the_next(
    tenant: Tenant, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    delivery = sent(tenant, sink)
    services.replay(delivery, actor=make_actor())
    delivering.drain()
    date_back(delivery.event, OLD)
    Attempt.objects.order_by("id")[0].delete()

    tasks.erase_expired()

    assert (Attempt.objects.count(), kept(delivery.event)) == (0, False)


def test_what_takes_too_long_is_left_to_a_new_task(
    tenant: Tenant, django_capture_on_commit_callbacks: object
) -> None:
    events = [make_event(tenant) for _ in range(2)]
    dispatch()
    for event in events:
        date_back(event, OLD)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        retention.erase_expired(longest=timedelta(0))

    assert [queued.func() for queued in OrmQ.objects.all()].count(retention.ERASE_TASK) == 1


def test_feed_goes_on_without_the_data(tenant: Tenant) -> None:
    record = make_order(tenant)
    dispatch()
    date_back(Event.objects.get(type="order.created"), OLD)

    tasks.erase_expired()

    page = feed.read(tenant, feed.beginning(tenant), limit=10)
    (change,) = page.changes
    assert (change.id, change.operation, change.data) == (record.id, "created", None)
    assert page.position == change.position


def test_erased_event_cannot_be_replayed(tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    give_up(delivery)
    date_back(delivery.event, OLD)
    tasks.erase_expired()

    with pytest.raises(NotReplayableError, match="has been erased"):
        services.replay(delivery, actor=make_actor())

    chosen = Delivery.objects.filter(id=delivery.id)
    assert services.replay_many(tenant, chosen, actor=make_actor()) == 0
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DEAD


def test_erasing_runs_every_hour(settings: LazySettings) -> None:
    assert retention.ERASE_TASK in settings.HOURLY_TASKS


def test_operator_sets_how_long_things_are_kept(operator: Client, tenant: Tenant) -> None:
    url = page_of(Tenant, "change", tenant.pk)

    operator.post(url, {"name": "Acme", "active": "on", "retention_days": "30"})
    refused = errors_of(
        operator.post(url, {"name": "Acme", "active": "on", "retention_days": "-1"})
    )

    tenant.refresh_from_db()
    assert (tenant.retention_days, list(refused)) == (30, ["retention_days"])
    assert AuditEntry.objects.filter(action="tenant.updated").count() == 1


def test_staff_of_a_tenant_cannot_set_it(acme_staff: Client, tenant: Tenant) -> None:
    answer = acme_staff.post(
        page_of(Tenant, "change", tenant.pk),
        {"name": "Acme", "active": "on", "retention_days": "1"},
    )

    tenant.refresh_from_db()
    assert (answer.status_code, tenant.retention_days) == (403, 90)
