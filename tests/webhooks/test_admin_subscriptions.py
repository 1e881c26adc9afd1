"""Subscriptions made, tried and switched in the admin."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry, Tenant
from core.types import Json
from tests.makers import make_config_value
from tests.orders import make_order_type
from tests.sinks import Sink
from tests.staff import errors_of, make_onlooker, page_of, shown_secret, text_of
from tests.subscriptions import make_subscription
from webhooks.models import SigningSecret, Subscription
from webhooks.redaction import MASK
from webhooks.types import HeaderField

GIVEN: dict[str, Any] = {
    "name": "Warehouse",
    "enabled": "on",
    "event_types": "order.created\norder.updated\n",
    "method": "POST",
    "url": "https://warehouse.example.com/orders",
    "headers": "X-Shop: main",
    "payload_format": "json",
    "payload": '{"number": "{{order.number}}"}',
    "signature_scheme": "hmac",
    "signature_header": "X-Signature-256",
    "concurrency": "50",
    "ordering": "none",
}
DEFINITION = """Webhook: Tell the warehouse
Trigger: Order created
URL: https://warehouse.example.com/orders
Method: PUT
Headers:
  X-Shop: main
Payload:
  {"number": "{{order.number}}"}
"""


def test_subscription_is_made_through_its_form_and_its_secret_is_shown_once(
    acme_staff: Client, tenant: Tenant
) -> None:
    make_order_type(tenant)

    acme_staff.post(page_of(Subscription, "add"), {**GIVEN, "max_retries": 3, "retry_delay": 1000})
    secret = shown_secret(acme_staff)

    row = Subscription.objects.get(tenant=tenant)
    assert row.event_types == ["order.created", "order.updated"]
    assert row.headers == [{"name": "X-Shop", "value": "main"}]
    assert (row.retry_policy["maxRetries"], row.retry_policy["retryDelay"]) == (3, 1000)
    assert SigningSecret.objects.get(subscription=row).secret == secret


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"event_types": ""}, "event_types"),
        ({"event_types": "Order created"}, "event_types"),
        ({"url": "nonsense"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"payload": '{"number": {{order.number}'}, "payload"),
        ({"filter": "order.total >"}, "filter"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "Host: elsewhere"}, "headers"),
        ({"max_retries": "1000"}, "max_retries"),
        ({"retry_on_status": "a lot"}, "retry_on_status"),
        ({"retry_on_status": "9999"}, "retry_on_status"),
        ({"timeout_seconds": "0"}, "timeout_seconds"),
        ({"concurrency": "0"}, "concurrency"),
        ({"concurrency": ""}, "concurrency"),
        ({"rate_limit": "100000"}, "rate_limit"),
        ({"ordering": "sorted"}, "ordering"),
        ({"ordering": "block_for"}, "ordering_seconds"),
        ({"ordering_seconds": "60"}, "ordering_seconds"),
        ({"own_secret": "short"}, "own_secret"),
    ],
)
def test_subscription_that_cannot_work_is_refused_at_its_field(
    acme_staff: Client, given: dict[str, str], field: str
) -> None:
    answer = acme_staff.post(page_of(Subscription, "add"), {**GIVEN, **given})

    assert list(errors_of(answer)) == [field]
    assert Subscription.objects.count() == 0


def test_secret_header_is_masked_and_the_mask_keeps_it(acme_staff: Client, tenant: Tenant) -> None:
    row = make_subscription(
        tenant,
        "https://warehouse.example.com/orders",
        headers=[{"name": "Authorization", "value": "Bearer s3cret"}],
    )
    page = text_of(acme_staff.get(page_of(Subscription, "change", row.pk)))

    acme_staff.post(
        page_of(Subscription, "change", row.pk),
        {**GIVEN, "name": "Stock", "headers": f"Authorization: {MASK}"},
    )

    row.refresh_from_db()
    assert ("s3cret" in page, MASK in page) == (False, True)
    assert (row.name, row.headers) == (
        "Stock",
        [{"name": "Authorization", "value": "Bearer s3cret"}],
    )


def test_saving_an_unchanged_page_changes_nothing(acme_staff: Client, tenant: Tenant) -> None:
    policy: dict[str, Json] = {
        "maxRetries": 2,
        "schedule": [1000, 60000],
        "retryOnStatus": [429, 503],
    }
    row = make_subscription(tenant, "https://a.example.com/", retry_policy=policy)
    stored = row.retry_policy
    page = acme_staff.get(page_of(Subscription, "change", row.pk))
    form = page.context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    given = {name: form.fields[name].prepare_value(value) for name, value in typed.items() if value}

    acme_staff.post(page_of(Subscription, "change", row.pk), {**given, "enabled": "on"})

    row.refresh_from_db()
    assert (row.retry_policy, row.event_types, row.url) == (
        stored,
        ["order.*"],
        "https://a.example.com/",
    )


def test_pasted_definition_comes_back_as_the_fields_of_the_form(acme_staff: Client) -> None:
    answer = acme_staff.post(
        reverse("admin:webhooks_subscription_definition"), {"definition": DEFINITION}
    )

    fields = answer.json()["fields"]
    assert (fields["name"], fields["event_types"], fields["method"], fields["headers"]) == (
        "Tell the warehouse",
        "order.created",
        "PUT",
        "X-Shop: main",
    )
    assert Subscription.objects.count() == 0


def test_definition_that_cannot_be_read_is_answered_with_its_line(acme_staff: Client) -> None:
    answer = acme_staff.post(
        reverse("admin:webhooks_subscription_definition"), {"definition": "Trigger: x\nnonsense"}
    )

    assert "fields" not in answer.json()
    assert "line" in answer.json()["message"]


def test_preview_renders_the_form_with_the_example_and_saves_nothing(
    acme_staff: Client, tenant: Tenant
) -> None:
    make_order_type(tenant)
    make_config_value(tenant, "api_key", "s3cret")

    page = text_of(
        acme_staff.post(
            reverse("admin:webhooks_subscription_preview"),
            {**GIVEN, "headers": "Authorization: Bearer {{config.api_key}}"},
        )
    )

    assert "A-1042" in page
    assert "s3cret" not in page
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"payload": '{\n"number": {{order.number'}, "line 2"),
        ({"sample_data": "{"}, "not JSON"),
        ({"headers": "no colon"}, "Name: value"),
        ({"method": "STEAL"}, "is not one of"),
        ({"filter": "order.total > 99999", "sample_data": '{"total": 1}'}, "would not be sent"),
    ],
)
def test_preview_says_what_is_wrong(
    acme_staff: Client, tenant: Tenant, given: dict[str, str], words: str
) -> None:
    make_order_type(tenant)

    answer = acme_staff.post(reverse("admin:webhooks_subscription_preview"), {**GIVEN, **given})

    assert answer.status_code == 200
    assert words in text_of(answer)


def test_preview_escapes_what_people_typed(acme_staff: Client) -> None:
    page = text_of(
        acme_staff.post(
            reverse("admin:webhooks_subscription_preview"),
            {**GIVEN, "payload": '{"a": "<script>alert(1)</script>"}'},
        )
    )

    assert "<script>" not in page


def test_test_sends_one_signed_request_and_shows_the_answer(
    acme_staff: Client, tenant: Tenant
) -> None:
    make_order_type(tenant)
    with Sink() as sink:
        row = make_subscription(tenant, f"{sink.url}/hook", payload='{"n": "{{order.number}}"}')

        page = text_of(
            acme_staff.post(reverse("admin:webhooks_subscription_test", args=[row.pk]), GIVEN)
        )

    [seen] = sink.requests
    assert json.loads(seen.body) == {"n": "A-1042"}
    assert seen.headers["webhook-signature"].startswith("v1,")
    assert "Delivered: the receiver answered 204" in page
    assert AuditEntry.objects.get(action="subscription.tested").actor_kind == "staff"


def test_trials_are_not_for_those_who_may_only_look(tenant: Tenant, acme_staff: Client) -> None:
    from django.contrib.auth.models import Group, Permission

    row = make_subscription(tenant, "https://warehouse.example.com/orders")
    views = Permission.objects.filter(codename__startswith="view_")
    Group.objects.get(name="Tenant staff").permissions.set(views)

    statuses = [
        acme_staff.post(url, {**GIVEN, "row": row.pk}).status_code
        for url in (
            reverse("admin:webhooks_subscription_preview"),
            reverse("admin:webhooks_subscription_test", args=[row.pk]),
            reverse("admin:webhooks_subscription_rotate", args=[row.pk]),
            page_of(Subscription, "change", row.pk),
        )
    ]

    assert statuses == [403] * 4


def test_rotated_secret_is_shown_once(acme_staff: Client, tenant: Tenant) -> None:
    row = make_subscription(tenant, "https://warehouse.example.com/orders")

    acme_staff.post(reverse("admin:webhooks_subscription_rotate", args=[row.pk]))
    secret = shown_secret(acme_staff)

    assert SigningSecret.objects.filter(subscription=row).latest("id").secret == secret
    assert SigningSecret.objects.filter(subscription=row).count() == 2


def test_chosen_subscriptions_are_switched_off_and_on(acme_staff: Client, tenant: Tenant) -> None:
    row = make_subscription(tenant, "https://warehouse.example.com/orders")
    states = []

    for action in ("disable_chosen", "enable_chosen"):
        acme_staff.post(
            page_of(Subscription, "changelist"), {"action": action, "_selected_action": row.pk}
        )
        row.refresh_from_db()
        states.append(row.enabled)

    assert states == [False, True]


def test_subscription_is_deleted_through_its_service(acme_staff: Client, tenant: Tenant) -> None:
    row = make_subscription(tenant, "https://warehouse.example.com/orders")

    acme_staff.post(page_of(Subscription, "delete", row.pk), {"post": "yes"})

    assert Subscription.objects.count() == 0
    assert AuditEntry.objects.filter(action="subscription.deleted").count() == 1


def test_who_may_only_look_sees_no_secret_of_a_header(tenant: Tenant) -> None:
    headers = [HeaderField(name="Authorization", value="Bearer s3cret-token")]
    row = make_subscription(tenant, headers=headers)

    page = text_of(make_onlooker(tenant).get(page_of(Subscription, "change", row.pk)))

    assert "Authorization: ••••••" in page
    assert "s3cret-token" not in page
