"""What a deleted subscription has left behind is seen by nobody until it is erased."""

from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from config import figures
from core.models import Tenant
from tests.makers import make_actor
from tests.sinks import Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.staff import page_of
from tests.subscriptions import make_delivery, make_subscription
from webhooks import deletion, services
from webhooks import delivery as delivering
from webhooks.models import Attempt, Delivery

BASE = "/api/v1/webhooks/deliveries"


def deleted(tenant: Tenant, sink: Sink) -> Delivery:
    """Return what has arrived at a subscription that was deleted afterwards."""
    subscription = make_subscription(tenant, sink.url)
    delivery = make_delivery(subscription)
    delivering.drain()
    services.delete_subscription(subscription, actor=make_actor())
    return delivery


def test_delivery_of_a_deleted_subscription_is_not_found(
    api: APIClient, tenant: Tenant, sink: Sink
) -> None:
    delivery = deleted(tenant, sink)

    answers = [
        api.get(f"{BASE}/{delivery.id}").status_code,
        api.get(f"{BASE}/{delivery.id}/attempts").status_code,
        api.post(f"{BASE}/{delivery.id}/replay").status_code,
    ]
    chosen = api.post(f"{BASE}/replay", {"ids": [delivery.id]}).json()

    assert answers == [404, 404, 404]
    assert api.get(BASE).json()["data"] == []
    assert chosen["count"] == 0
    assert (Delivery._base_manager.count(), Attempt._base_manager.count()) == (1, 1)


def test_admin_does_not_show_it(acme_staff: Client, tenant: Tenant, sink: Sink) -> None:
    delivery = deleted(tenant, sink)
    attempt = Attempt.objects.get()

    lists = [acme_staff.get(page_of(model, "changelist")) for model in (Delivery, Attempt)]
    pages = [
        acme_staff.get(page_of(type(row), "change", row.pk)).status_code
        for row in (delivery, attempt)
    ]

    for row, answer in zip((delivery, attempt), lists, strict=True):
        assert answer.status_code == 200
        assert str(row.pk) not in answer.content.decode()
    assert pages == [302, 302]


def test_dashboard_does_not_count_it(tenant: Tenant, sink: Sink) -> None:
    deleted(tenant, sink)

    shown = figures.figures(tenant.id, timezone.now())

    assert (shown.delivered, shown.p50, sum(hour.delivered for hour in shown.hours)) == (0, None, 0)


def test_safety_net_goes_on_with_the_erasing_and_repairs_lanes(settings: LazySettings) -> None:
    assert deletion.ERASE_TASK in settings.SAFETY_NET_TASKS
    assert "webhooks.tasks.repair_lanes" in settings.SAFETY_NET_TASKS
