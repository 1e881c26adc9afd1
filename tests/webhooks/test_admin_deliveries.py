"""Deliveries looked at and sent again in the admin."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry, Event, Tenant
from tests.staff import page_of, text_of
from tests.subscriptions import make_delivery, make_subscription
from webhooks.admin import deliveries as admin_deliveries
from webhooks.models import Attempt, Delivery


def dead_delivery(tenant: Tenant) -> Delivery:
    delivery = make_delivery(make_subscription(tenant, "https://warehouse.example.com/orders"))
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        state="dead", next_attempt_at=None, finished_at=now, attempts=1, last_status_code=500
    )
    Attempt.objects.create(
        tenant=tenant,
        delivery=delivery,
        number=1,
        started_at=now,
        duration_ms=17,
        status_code=500,
        response_headers=[["Server", "<b>nginx</b>"]],
        response_body="<script>alert(1)</script>",
    )
    delivery.refresh_from_db()
    return delivery


def test_page_shows_the_attempts_and_escapes_what_receivers_answer(
    acme_staff: Client, tenant: Tenant
) -> None:
    delivery = dead_delivery(tenant)

    page = text_of(acme_staff.get(page_of(Delivery, "change", delivery.pk)))

    assert "17 ms" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_one_delivery_is_sent_again_after_asking(acme_staff: Client, tenant: Tenant) -> None:
    delivery = dead_delivery(tenant)
    url = reverse("admin:webhooks_delivery_replay", args=[delivery.pk])

    acme_staff.get(url)
    delivery.refresh_from_db()
    state_after_asking = delivery.state
    acme_staff.post(url)

    delivery.refresh_from_db()
    assert (state_after_asking, delivery.state) == ("dead", "pending")
    assert AuditEntry.objects.filter(action="delivery.replayed", actor_kind="staff").count() == 1


def test_pending_delivery_is_not_replayed_and_the_page_says_so(
    acme_staff: Client, tenant: Tenant
) -> None:
    delivery = make_delivery(make_subscription(tenant, "https://warehouse.example.com/orders"))

    answer = acme_staff.post(
        reverse("admin:webhooks_delivery_replay", args=[delivery.pk]), follow=True
    )

    assert "still pending" in text_of(answer)


def test_chosen_deliveries_of_several_tenants_are_sent_again(
    operator: Client, tenant: Tenant, stranger: Tenant
) -> None:
    deliveries = [dead_delivery(tenant), dead_delivery(stranger)]

    operator.post(
        page_of(Delivery, "changelist"),
        {
            "action": "replay_chosen",
            "_selected_action": [row.pk for row in deliveries],
            "sure": "yes",
        },
    )

    assert list(Delivery.objects.values_list("state", flat=True)) == ["pending", "pending"]
    entries = AuditEntry.objects.filter(action="deliveries.replayed")
    assert {entry.tenant for entry in entries} == {tenant, stranger}


def test_chosen_deliveries_are_counted_before_anything_is_sent(
    acme_staff: Client, tenant: Tenant
) -> None:
    dead = dead_delivery(tenant)
    pending = make_delivery(dead.subscription, "order.updated")

    answer = acme_staff.post(
        page_of(Delivery, "changelist"),
        {"action": "replay_chosen", "_selected_action": [dead.pk, pending.pk]},
    )

    dead.refresh_from_db()
    page = text_of(answer)
    assert "1 of the 2 chosen can be sent again" in page
    assert "a subscription that is switched off: 1." in page
    assert dead.state == "dead"


def test_more_than_is_sent_again_at_once_is_refused(
    acme_staff: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_deliveries, "MOST_CHOSEN", 1)
    chosen = [dead_delivery(tenant), dead_delivery(tenant)]

    answer = acme_staff.post(
        page_of(Delivery, "changelist"),
        {
            "action": "replay_chosen",
            "_selected_action": [row.pk for row in chosen],
            "sure": "yes",
        },
        follow=True,
    )

    rows = Delivery.objects.filter(pk__in=[row.pk for row in chosen])
    assert "Choose at most 1." in text_of(answer)
    assert list(rows.values_list("state", flat=True)) == ["dead", "dead"]


def test_page_offers_only_what_can_be_done_with_the_delivery(
    acme_staff: Client, tenant: Tenant
) -> None:
    dead = dead_delivery(tenant)
    pending = make_delivery(dead.subscription, "order.updated")

    pages = [
        text_of(acme_staff.get(page_of(Delivery, "change", row.pk))) for row in (dead, pending)
    ]

    offered = [
        [f"{row.pk}/{action}" in page for action in ("replay", "retry")]
        for row, page in zip((dead, pending), pages, strict=True)
    ]
    assert offered == [[True, False], [False, True]]


def test_all_attempts_are_reached_where_the_page_does_not_show_them(
    acme_staff: Client, tenant: Tenant
) -> None:
    delivery = dead_delivery(tenant)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=51)

    page = text_of(acme_staff.get(page_of(Delivery, "change", delivery.pk)))

    assert f"delivery__id__exact={delivery.pk}" in page
    assert "All 51 attempts" in page


def test_list_is_narrowed_by_state_subscription_and_event(
    acme_staff: Client, tenant: Tenant
) -> None:
    dead, pending = dead_delivery(tenant), None
    pending = make_delivery(dead.subscription, "order.updated")
    queries = (
        {"state__exact": "dead"},
        {"subscription__id__exact": dead.subscription_id, "state__exact": "pending"},
        {"event__id__exact": pending.event_id},
        {"q": "order.upd"},
        {"q": dead.pk},
    )

    found = [
        [
            row.pk
            for row in acme_staff.get(page_of(Delivery, "changelist"), query)
            .context["cl"]
            .result_list
        ]
        for query in queries
    ]

    assert found == [[dead.pk], [pending.pk], [pending.pk], [pending.pk], [dead.pk]]


def test_event_leads_to_its_deliveries(acme_staff: Client, tenant: Tenant) -> None:
    delivery = dead_delivery(tenant)

    page = text_of(acme_staff.get(page_of(Event, "change", delivery.event_id)))

    assert f"event__id__exact={delivery.event_id}" in page
