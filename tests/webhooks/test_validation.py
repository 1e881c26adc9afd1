"""What keeps a subscription from being saved."""

from typing import Any

import pytest
from django.conf import LazySettings

from core.models import AuditEntry, EventType, Tenant
from tests.makers import make_actor
from tests.subscriptions import make_subscription
from webhooks import services
from webhooks.errors import InvalidSubscriptionError
from webhooks.models import SigningSecret, Subscription

URL = "https://receiver.example/hook"


def refusal(tenant: Tenant, **fields: Any) -> list[tuple[str, str]]:
    """Return path and code of everything that is refused; and see that nothing was stored."""
    with pytest.raises(InvalidSubscriptionError) as caught:
        make_subscription(tenant, **{"url": URL, **fields})

    assert Subscription.objects.count() == SigningSecret.objects.count() == 0
    assert AuditEntry.objects.filter(action="subscription.created").count() == 0
    return [(problem.path, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"name": "n" * 201}, ("name", "max_length")),
        ({"event_types": []}, ("event_types", "invalid_event_types")),
        ({"event_types": ["*"] * 51}, ("event_types", "invalid_event_types")),
        ({"event_types": ["order.*", "Order"]}, ("event_types[1]", "invalid_pattern")),
        ({"event_types": ["order.*", "order.*"]}, ("event_types[1]", "repeated")),
        ({"filter": "order.total >"}, ("filter", "invalid_expression")),
        ({"method": "CONNECT"}, ("method", "invalid_choice")),
        ({"url": "https://{{order.id"}, ("url", "invalid_template")),
        ({"url": "{{order.url}}"}, ("url", "invalid_template")),
        ({"url": "ftp://receiver.example/x"}, ("url", "invalid_template")),
        ({"url": "https://u:p@receiver.example/"}, ("url", "invalid_template")),
        ({"url": "https://10.0.0.1/{{order.id}}"}, ("url", "address_refused")),
        ({"url": "https://169.254.169.254/"}, ("url", "address_refused")),
        ({"url": "https://receiver.example:22/"}, ("url", "invalid_url")),
        ({"payload": '{"a": {{order.id}'}, ("payload", "invalid_template")),
        ({"payload": '{"a": }'}, ("payload", "invalid_template")),
        ({"payload": "hello"}, ("payload", "invalid_template")),
        ({"payload_format": "xml"}, ("payload_format", "invalid_choice")),
        ({"payload_format": "text"}, ("payload", "required")),
        ({"payload_format": "form"}, ("payload", "required")),
        ({"method": "GET", "payload": "{}"}, ("payload", "body_not_allowed")),
        ({"signature_header": "webhook-signature"}, ("signature_header", "invalid_header")),
        ({"signature_header": "Content-Type"}, ("signature_header", "invalid_header")),
        ({"signature_header": "X Signature"}, ("signature_header", "invalid_header")),
        ({"signature_scheme": "rsa"}, ("signature_scheme", "invalid_choice")),
        ({"timeout_seconds": 0}, ("timeout_seconds", "min_value")),
        ({"timeout_seconds": 61}, ("timeout_seconds", "max_value")),
        ({"retry_policy": {"maxRetries": 51}}, ("retry_policy.maxRetries", "invalid_retry_policy")),
        ({"retry_policy": {"tries": 1}}, ("retry_policy.tries", "invalid_retry_policy")),
        ({"secret": "too short"}, ("secret", "invalid_secret")),
        ({"secret": "whsec_!"}, ("secret", "invalid_secret")),
    ],
)
def test_subscription_that_could_not_work_is_refused(
    tenant: Tenant, fields: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert refusal(tenant, **fields) == [problem]


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "content-length",
        "Connection",
        "Transfer-Encoding",
        "webhook-id",
        "Webhook-Extra",
        "X-Bad\r\nHeader",
        "",
        "Ünicode",
    ],
)
def test_header_that_belongs_to_the_sender_is_refused(tenant: Tenant, name: str) -> None:
    problems = refusal(tenant, headers=[{"name": name, "value": "x"}])

    assert problems == [("headers[0].name", "invalid_header")]


def test_header_given_twice_or_with_the_signature_is_refused(tenant: Tenant) -> None:
    headers = [
        {"name": "X-A", "value": "1"},
        {"name": "x-a", "value": "2"},
        {"name": "x-signature-256", "value": "3"},
    ]

    assert refusal(tenant, headers=headers) == [
        ("headers[1].name", "repeated"),
        ("headers[2].name", "repeated"),
    ]


def test_mask_cannot_be_stored_as_a_value(tenant: Tenant) -> None:
    headers = [{"name": "Authorization", "value": "••••••"}]

    assert refusal(tenant, headers=headers) == [("headers[0].value", "masked")]


def test_everything_to_correct_is_said_at_once_with_its_place(tenant: Tenant) -> None:
    with pytest.raises(InvalidSubscriptionError) as caught:
        make_subscription(
            tenant, URL, filter="1 +", payload='{\n  "a": {{b +}}\n}', event_types=["Nope"]
        )

    assert [(problem.path, problem.line, problem.column) for problem in caught.value.problems] == [
        ("event_types[0]", 0, 0),
        ("filter", 1, 4),
        ("payload", 2, 13),
    ]


def test_plain_http_is_refused_unless_the_operator_allows_it(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.OUTBOUND_HTTPS_ONLY = True

    assert refusal(tenant, url="http://receiver.example/") == [("url", "invalid_url")]


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "https://{{shop}}.example.com/{{order.id}}?x={{config.y}}"},
        {"method": "GET"},
        {"method": "DELETE", "payload": "{id: '{{order.id}}'}"},
        {"payload_format": "text", "payload": "{{order.id}}"},
        {"payload_format": "form", "payload": "{a: 1}"},
        {"headers": [{"name": "content-type", "value": "application/json"}]},
        {"retry_policy": {"maxRetries": 3, "retryDelay": 1000, "backoffMultiplier": 2}},
        {"signature_header": "X-Vendor-Signature"},
        {"signature_header": ""},
        {"event_types": ["*"]},
    ],
)
def test_subscription_that_can_work_is_saved(tenant: Tenant, fields: dict[str, Any]) -> None:
    subscription = make_subscription(tenant, **{"url": URL, **fields})

    subscription.refresh_from_db()
    assert {name: getattr(subscription, name) for name in fields if name != "retry_policy"} == {
        name: value for name, value in fields.items() if name != "retry_policy"
    }


def test_what_fails_on_the_example_of_a_type_is_only_a_warning(tenant: Tenant) -> None:
    example: Any = {"id": "P", "sum": "much"}
    EventType.objects.create(tenant=tenant, name="parcel.sent", example=example)

    saved = services.create_subscription(
        tenant,
        {
            "name": "Parcels",
            "event_types": ["parcel.*"],
            "url": URL,
            "filter": "parcel.sum > 5",
            "payload": '{"sum": {{number(parcel.sum)}}}',
        },
        actor=make_actor(),
    )

    assert [(warning.path, warning.code) for warning in saved.warnings] == [
        ("payload", "template_failed"),
        ("filter", "filter_failed"),
    ]
    assert saved.warnings[0].message.startswith("With the example of parcel.sent: ")
