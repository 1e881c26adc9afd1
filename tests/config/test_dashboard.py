"""The first page of the admin and its numbers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.figures import FirstStep, figures, first_id_at, first_steps, percentile
from core.ids import new_id
from core.models import Tenant
from monitoring.models import ApiCall
from tests.makers import make_key
from tests.orders import make_order_type
from tests.staff import text_of
from tests.subscriptions import make_delivery, make_subscription
from webhooks.models import Delivery


def finish(delivery: Delivery, state: str, after: timedelta) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, next_attempt_at=None, finished_at=delivery.created_at + after
    )


@pytest.fixture
def _busy(tenant: Tenant, stranger: Tenant) -> None:
    """Acme with two deliveries that arrived, one that died and one that waits; globex with one."""
    subscription = make_subscription(tenant, "https://warehouse.example.com/orders")
    for milliseconds in (100, 300):
        finish(make_delivery(subscription), "delivered", timedelta(milliseconds=milliseconds))
    finish(make_delivery(subscription), "dead", timedelta(seconds=5))
    make_delivery(subscription)
    other = make_subscription(stranger, "https://globex.example.com/", name="Globex hook")
    finish(make_delivery(other), "dead", timedelta(seconds=5))
    for status in (200, 404, 500):
        ApiCall.objects.create(
            tenant=tenant, method="GET", path="/api/v1/me", status_code=status, duration_ms=1
        )


@pytest.mark.usefixtures("_busy")
def test_figures_of_a_tenant_count_only_its_rows(tenant: Tenant) -> None:
    found = figures(tenant.pk, timezone.now())

    assert (found.events, found.delivered, found.pending, found.dead) == (4, 2, 1, 1)
    assert (found.waiting, found.dead_letters, round(found.success_rate or 0)) == (1, 1, 67)
    assert (found.calls, found.refused_calls, found.failed_calls) == (3, 1, 1)
    assert (found.p50, found.p95) == (timedelta(milliseconds=300), timedelta(milliseconds=300))
    assert [delivery.tenant for delivery in found.failures] == [tenant]


@pytest.mark.usefixtures("_busy")
def test_figures_of_an_operator_count_every_tenant() -> None:
    found = figures(None, timezone.now())

    assert (found.events, found.dead, len(found.failures)) == (5, 2, 2)


@pytest.mark.usefixtures("_busy")
def test_dead_letters_stand_in_the_order_in_which_they_died(tenant: Tenant) -> None:
    subscription = make_subscription(tenant, "https://warehouse.example.com/late", name="Late")
    older, newer = make_delivery(subscription), make_delivery(subscription)
    finish(newer, "dead", timedelta(minutes=1))
    finish(older, "dead", timedelta(minutes=9))

    found = figures(tenant.pk, timezone.now()).failures

    assert [each.pk for each in found[:2]] == [older.pk, newer.pk]


@pytest.mark.usefixtures("_busy")
def test_hours_add_up_to_the_day(tenant: Tenant) -> None:
    hours = figures(tenant.pk, timezone.now()).hours

    assert len(hours) == 24
    assert sum(hour.delivered for hour in hours) == 2
    assert sum(hour.pending + hour.dead for hour in hours) == 2


@pytest.mark.usefixtures("_busy")
def test_what_is_older_than_a_day_is_left_out(tenant: Tenant) -> None:
    found = figures(tenant.pk, timezone.now() + timedelta(hours=25))

    assert (found.events, found.delivered, found.calls) == (0, 0, 0)
    assert (found.waiting, found.dead_letters) == (1, 1)


@pytest.mark.usefixtures("_busy")
def test_page_of_a_tenants_staff_names_no_other_tenant(globex_staff: Client) -> None:
    page = text_of(globex_staff.get("/admin/"))

    assert ("Globex hook" in page, "Warehouse" in page) == (True, False)


def test_empty_installation_shows_where_to_begin(operator: Client) -> None:
    page = text_of(operator.get("/admin/"))

    assert "First steps" in page
    assert 'href="/admin/core/tenant/add/"' in page


def test_first_steps_are_ticked_off_one_by_one(tenant: Tenant) -> None:
    make_order_type(tenant)
    make_key(tenant)

    done = first_steps(tenant.pk)

    assert done == {
        FirstStep.TENANT: True,
        FirstStep.RECORD_TYPE: True,
        FirstStep.SUBSCRIPTION: False,
        FirstStep.CREDENTIAL: True,
        FirstStep.EVENT: False,
    }


def test_lowest_id_of_a_moment_stands_before_every_id_made_then() -> None:
    before = timezone.now() - timedelta(milliseconds=2)
    made = new_id("dlv")
    later = timezone.now() + timedelta(milliseconds=2)

    assert first_id_at("dlv", before) < made < first_id_at("dlv", later)


def test_lowest_id_of_the_beginning_of_time_is_zero() -> None:
    assert first_id_at("dlv", datetime(1970, 1, 1, tzinfo=UTC)) == "dlv_" + "0" * 26


@pytest.mark.parametrize(
    ("count", "share", "expected"), [(0, 0.5, None), (1, 0.95, 0), (100, 0.5, 50), (100, 0.95, 95)]
)
def test_percentile_is_a_value_of_the_sample(
    count: int, share: float, expected: int | None
) -> None:
    values = [timedelta(seconds=number) for number in range(count)]

    found = percentile(values, share)

    assert found == (None if expected is None else timedelta(seconds=expected))
