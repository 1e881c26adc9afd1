"""How much at once, how often and in which order, over the API; and how the receiver is doing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import Tenant
from tests.makers import make_actor
from tests.subscriptions import NOWHERE, make_subscription
from webhooks import services
from webhooks.models import Lane, Subscription

BASE = "/api/v1/webhooks/subscriptions"
NEW = {
    "name": "Tell the warehouse",
    "event_types": ["order.created"],
    "url": "https://warehouse.example/orders",
}
WELL = {
    "circuit": "closed",
    "paused_until": None,
    "failing_since": None,
    "failures": 0,
    "due_at": None,
}


def wire(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def test_new_subscription_gets_fifty_at_once_in_any_order(api: APIClient) -> None:
    created = api.post(BASE, NEW).json()

    names = ("concurrency", "rate_limit", "ordering", "ordering_seconds", "health")
    assert [created[name] for name in names] == [50, None, "none", None, WELL]


def test_limits_and_order_are_stored_and_shown(api: APIClient) -> None:
    wanted = {
        "concurrency": 4,
        "rate_limit": 600,
        "ordering": "block_for",
        "ordering_seconds": 900,
    }

    created = api.post(BASE, {**NEW, **wanted}).json()

    row = Subscription.objects.get()
    assert {name: created[name] for name in wanted} == wanted
    assert {name: getattr(row, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"concurrency": 0}, "concurrency", "min_value"),
        ({"concurrency": 501}, "concurrency", "max_value"),
        ({"concurrency": None}, "concurrency", "null"),
        ({"rate_limit": 0}, "rate_limit", "min_value"),
        ({"rate_limit": 60_001}, "rate_limit", "max_value"),
        ({"rate_limit": "1/s"}, "rate_limit", "type"),
        ({"ordering": "sorted"}, "ordering", "invalid_choice"),
        ({"ordering": "block_for"}, "ordering_seconds", "required"),
        ({"ordering": "block", "ordering_seconds": 60}, "ordering_seconds", "not_here"),
        ({"ordering_seconds": 60}, "ordering_seconds", "not_here"),
        ({"ordering": "block_for", "ordering_seconds": 0}, "ordering_seconds", "min_value"),
        ({"ordering": "block_for", "ordering_seconds": 604_801}, "ordering_seconds", "max_value"),
        ({"health": WELL}, "health", "unknown"),
    ],
)
def test_limit_or_order_that_makes_no_sense_is_refused(
    api: APIClient, given: dict[str, Any], path: str, code: str
) -> None:
    answer = api.post(BASE, {**NEW, **given})

    assert answer.status_code == 422
    found = [(detail["path"], detail["code"]) for detail in answer.json()["details"]]
    assert found == [(path, code)]
    assert Subscription.objects.count() == 0


def test_time_limit_goes_with_the_order_it_belongs_to(api: APIClient, tenant: Tenant) -> None:
    row = make_subscription(tenant, ordering="block_for", ordering_seconds=60)

    refused = api.patch(f"{BASE}/{row.id}", {"ordering": "block"})
    taken = api.patch(f"{BASE}/{row.id}", {"ordering": "block", "ordering_seconds": None})

    assert (refused.status_code, taken.status_code) == (422, 200)
    row.refresh_from_db()
    assert (row.ordering, row.ordering_seconds) == ("block", None)


def test_every_change_is_noticed_by_running_workers(api: APIClient, tenant: Tenant) -> None:
    row = make_subscription(tenant, NOWHERE)
    moments = [row.updated_at]

    url = f"{BASE}/{row.id}"
    for method, path, body in (
        ("patch", url, {"rate_limit": 60}),
        ("post", f"{url}/disable", {}),
        ("post", f"{url}/enable", {}),
    ):
        getattr(api, method)(path, body)
        row.refresh_from_db()
        moments.append(row.updated_at)

    assert moments == sorted(set(moments))
    assert Lane.objects.get(subscription=row).due_at is not None


def test_health_tells_of_an_open_circuit(api: APIClient, tenant: Tenant) -> None:
    row = make_subscription(tenant, NOWHERE)
    now = timezone.now()
    until, since = now + timedelta(minutes=5), now - timedelta(hours=2)
    Lane.objects.filter(subscription=row).update(
        trips=2, paused_until=until, failing_since=since, failures=31, due_at=now
    )

    shown = api.get(f"{BASE}/{row.id}").json()["health"]
    listed = api.get(BASE).json()["data"][0]["health"]

    assert (
        shown
        == listed
        == {
            "circuit": "open",
            "paused_until": wire(until),
            "failing_since": wire(since),
            "failures": 31,
            "due_at": wire(now),
        }
    )


@pytest.mark.parametrize(
    ("trips", "seconds", "circuit"),
    [(1, 60, "open"), (1, -60, "half_open"), (0, 60, "closed"), (0, -60, "closed")],
)
def test_circuit_is_open_for_failures_and_not_for_a_rate(
    api: APIClient, tenant: Tenant, trips: int, seconds: int, circuit: str
) -> None:
    row = make_subscription(tenant, NOWHERE)
    until = timezone.now() + timedelta(seconds=seconds)
    Lane.objects.filter(subscription=row).update(trips=trips, paused_until=until)

    shown = api.get(f"{BASE}/{row.id}").json()["health"]

    assert shown["circuit"] == circuit


def test_switching_on_forgets_what_was_wrong(api: APIClient, tenant: Tenant) -> None:
    row = make_subscription(tenant, NOWHERE)
    services.disable(row, actor=make_actor())
    later = timezone.now() + timedelta(hours=1)
    Lane.objects.filter(subscription=row).update(
        trips=2, paused_until=later, failing_since=later, failures=31, warned=90
    )

    health = api.post(f"{BASE}/{row.id}/enable").json()["health"]

    assert {**health, "due_at": None} == WELL
    assert Lane.objects.get(subscription=row).warned == 0
