"""The page of a delivery says what it waits for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Tenant
from tests.makers import make_actor
from tests.staff import page_of, text_of
from tests.subscriptions import give_up, make_delivery, make_subscription
from webhooks import services
from webhooks.admin.waiting import reason
from webhooks.models import Delivery, Lane, Subscription
from webhooks.types import SubscriptionFields

ITS_TURN = "as soon as its turn comes"


def page_of_delivery(browser: Client, delivery: Delivery) -> str:
    return text_of(browser.get(page_of(Delivery, "change", delivery.pk)))


def test_delivery_whose_turn_comes_waits_for_nothing_else(
    acme_staff: Client, tenant: Tenant
) -> None:
    delivery = make_delivery(make_subscription(tenant))

    assert ITS_TURN in page_of_delivery(acme_staff, delivery)


def test_finished_delivery_waits_for_nothing(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    give_up(delivery)

    page = page_of_delivery(acme_staff, delivery)

    assert ITS_TURN not in page


def test_delivery_that_failed_waits_for_its_next_try(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    later = timezone.now() + timedelta(hours=2, minutes=5)
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=later, failures=1)

    page = page_of_delivery(acme_staff, delivery)

    assert "It failed and is tried again" in page
    assert later.isoformat(timespec="milliseconds") in page


def test_delivery_waits_while_the_circuit_is_open(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    later = timezone.now() + timedelta(minutes=5)
    Lane.objects.update(trips=1, paused_until=later)

    assert "The receiver keeps failing" in page_of_delivery(acme_staff, delivery)


def test_delivery_waits_until_its_subscription_is_switched_on(
    acme_staff: Client, tenant: Tenant
) -> None:
    delivery = make_delivery(make_subscription(tenant))
    services.disable(delivery.subscription, actor=make_actor(), reason="<b>no</b> answer")

    page = page_of_delivery(acme_staff, delivery)
    form = text_of(acme_staff.get(page_of(Subscription, "change", delivery.subscription_id)))

    assert "The subscription is switched off" in page
    assert "It was switched off: &lt;b&gt;no&lt;/b&gt; answer." in form
    assert "Nothing is waiting." not in form


@pytest.mark.parametrize(
    ("order", "failures", "age", "waits"),
    [
        ({"ordering": "block"}, 3, timedelta(hours=1), True),
        ({"ordering": "block_for", "ordering_seconds": 60}, 3, timedelta(0), True),
        ({"ordering": "block_for", "ordering_seconds": 60}, 3, timedelta(hours=1), False),
        ({"ordering": "skip"}, 0, timedelta(hours=1), True),
        ({"ordering": "skip"}, 1, timedelta(hours=1), False),
    ],
)
def test_delivery_waits_behind_the_one_before_it_as_its_order_says(
    tenant: Tenant, order: SubscriptionFields, failures: int, age: timedelta, waits: bool
) -> None:
    row = make_subscription(tenant, **order)
    first, second = make_delivery(row), make_delivery(row, "order.updated")
    now = timezone.now()
    Delivery.objects.filter(pk=first.pk).update(failures=failures, created_at=now - age)
    first.refresh_from_db()

    said = reason(second, now + timedelta(seconds=1))

    assert ("It keeps the order of" in said, first.pk in said) == (waits, waits)
    assert ITS_TURN in reason(first, now + timedelta(seconds=1))
