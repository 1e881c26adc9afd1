"""What follows for a subscription from how its receiver has been doing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django_q.models import OrmQ

from core.models import Event, Tenant
from tests.sinks import Answer, Sink
from tests.subscriptions import make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks.event_types import SUBSCRIPTION_DISABLED, SUBSCRIPTION_FAILING
from webhooks.models import Lane, Subscription

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
LIMIT = timedelta(hours=100)


@pytest.fixture(autouse=True)
def _limit(settings: LazySettings) -> None:
    settings.DISABLE_FAILING_AFTER_HOURS = 100


@pytest.fixture
def broken() -> Iterator[Sink]:
    """A receiver that fails whatever it is sent."""
    with Sink([Answer(status=500)]) as started:
        yield started


def fail_at(
    subscription: Subscription, percent: float, *, failures: int = 40, warned: int = 0
) -> None:
    """Let one more attempt fail after ``percent`` of the time that a receiver may fail."""
    Lane.objects.filter(subscription=subscription).update(
        failing_since=BEGAN, failures=failures - 1, warned=warned, paused_until=None, trips=0
    )
    with time_machine.travel(BEGAN + LIMIT * percent / 100):
        make_delivery(subscription)
        delivering.drain()
    subscription.refresh_from_db()


def told(event_type: str) -> list[dict[str, Any]]:
    """Return the data of what was published for the tenant."""
    rows: list[Any] = list(Event.objects.filter(type=event_type).values_list("data", flat=True))
    return rows


@pytest.mark.parametrize(
    ("percent", "warned", "steps"),
    [
        (49, 0, []),
        (51, 0, [50]),
        (74, 50, []),
        (76, 50, [75]),
        (91, 75, [90]),
        (91, 0, [90]),
        (99, 90, []),
    ],
)
def test_tenant_is_warned_once_at_each_step(
    tenant: Tenant, broken: Sink, percent: float, warned: int, steps: list[int]
) -> None:
    subscription = make_subscription(tenant, broken.url)

    fail_at(subscription, percent, warned=warned)

    lane = Lane.objects.get(subscription=subscription)
    assert len(told(SUBSCRIPTION_FAILING)) == len(steps)
    assert lane.warned == (steps[0] if steps else warned)
    assert subscription.enabled


def test_warning_says_since_when_how_often_and_what_comes_of_it(
    tenant: Tenant, broken: Sink
) -> None:
    subscription = make_subscription(tenant, broken.url)

    fail_at(subscription, 51)

    assert told(SUBSCRIPTION_FAILING) == [
        {
            "id": subscription.id,
            "name": "Warehouse",
            "failing_since": BEGAN.isoformat(),
            "failures": 40,
            "disabled_at": (BEGAN + LIMIT).isoformat(),
        }
    ]


def test_receiver_that_has_failed_for_too_long_is_switched_off(
    tenant: Tenant, broken: Sink
) -> None:
    subscription = make_subscription(tenant, broken.url)

    fail_at(subscription, 100.1)

    reason = "the receiver has failed since 2026-03-02 08:00 UTC"
    assert (subscription.enabled, subscription.disabled_reason) == (False, reason)
    assert told(SUBSCRIPTION_DISABLED) == [
        {"id": subscription.id, "name": "Warehouse", "reason": reason}
    ]


@pytest.mark.parametrize(("failures", "enabled"), [(19, True), (20, False)])
def test_few_failures_are_no_evidence_however_long_ago_the_first_was(
    tenant: Tenant, broken: Sink, failures: int, enabled: bool
) -> None:
    subscription = make_subscription(tenant, broken.url)

    fail_at(subscription, 500, failures=failures)

    assert subscription.enabled == enabled
    assert len(told(SUBSCRIPTION_DISABLED)) == (not enabled)


def test_installation_may_want_nothing_switched_off(
    tenant: Tenant, broken: Sink, settings: LazySettings
) -> None:
    settings.DISABLE_FAILING_AFTER_HOURS = 0
    subscription = make_subscription(tenant, broken.url)

    fail_at(subscription, 1_000)

    assert subscription.enabled
    assert told(SUBSCRIPTION_FAILING) == told(SUBSCRIPTION_DISABLED) == []


def test_success_ends_the_time_of_failing(tenant: Tenant) -> None:
    with Sink() as mended:
        subscription = make_subscription(tenant, mended.url)

        fail_at(subscription, 100.1)

    lane = Lane.objects.get(subscription=subscription)
    assert subscription.enabled
    assert (lane.failing_since, lane.failures, lane.warned) == (None, 0, 0)


def test_mail_is_queued_so_that_it_is_tried_again(
    tenant: Tenant, broken: Sink, django_capture_on_commit_callbacks: Any
) -> None:
    subscription = make_subscription(tenant, broken.url)

    with django_capture_on_commit_callbacks(execute=True):
        fail_at(subscription, 51)

    event = Event.objects.get(type=SUBSCRIPTION_FAILING)
    tasks = [queued.task for queued in OrmQ.objects.all()]
    (mail,) = [task for task in tasks if task["func"] == "webhooks.tasks.mail_staff"]
    assert (mail["args"], mail["ack_failure"]) == ((event.id,), False)
