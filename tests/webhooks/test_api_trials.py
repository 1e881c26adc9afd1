"""Previews, tests and pasted definitions over the API."""

import pytest
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from core import services as core_services
from core.models import AuditEntry, EventType, Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink, free_port
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import NOWHERE, SECRET, make_subscription
from webhooks.models import Attempt, Delivery

BASE = "/api/v1/webhooks"


def headers_of(request: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {header["name"].lower(): header["value"] for header in request["headers"]}


def test_test_sends_one_signed_request_and_shows_both_sides(
    api: APIClient, tenant: Tenant, sink: Sink
) -> None:
    sink.answers = [Answer(status=201, body=b"welcome")]
    core_services.set_config_value(tenant, "key", "s3cr3t-value", actor=make_actor())
    subscription = make_subscription(
        tenant,
        f"{sink.url}/{{{{order.id}}}}",
        headers=[{"name": "X-Key", "value": "{{config.key}}"}],
        payload='{"n": {{order.n}}}',
        enabled=False,
    )

    answer = api.post(
        f"{BASE}/subscriptions/{subscription.id}/test",
        {"event_type": "order.created", "data": {"id": "A/1", "n": 7}},
    )

    result = answer.json()
    assert answer.status_code == 200
    (request,) = sink.requests
    assert Webhook(SECRET).verify(request.body, request.headers) == {"n": 7}
    assert (request.path, request.headers["x-key"]) == ("/A%2F1", "s3cr3t-value")
    assert (result["delivered"], result["error_code"]) == (True, "")
    assert (result["request"]["method"], result["request"]["body"]) == ("POST", '{"n": 7}')
    assert result["request"]["url"] == f"{sink.url}/A%2F1"
    shown = headers_of(result["request"])
    assert shown["x-key"] == "config-key"
    assert shown["webhook-signature"] == request.headers["webhook-signature"]
    assert (result["response"]["status_code"], result["response"]["body"]) == (201, "welcome")
    assert "s3cr3t-value" not in answer.content.decode()
    assert Delivery.objects.count() == Attempt.objects.count() == 0
    assert AuditEntry.objects.get(action="subscription.tested").details == {
        "event_type": "order.created",
        "status": 201,
    }


def test_test_takes_the_example_of_the_first_type(
    api: APIClient, tenant: Tenant, sink: Sink
) -> None:
    example: dict[str, object] = {"id": "P-1"}
    row = EventType(tenant=tenant, name="parcel.sent")
    row.example = example
    row.save()
    subscription = make_subscription(tenant, sink.url, event_types=["parcel.*"])

    answer = api.post(f"{BASE}/subscriptions/{subscription.id}/test", {})

    assert answer.status_code == 200
    body = Webhook(SECRET).verify(sink.requests[0].body, sink.requests[0].headers)
    assert (body["type"], body["data"]) == ("parcel.sent", {"id": "P-1"})


def test_test_that_reaches_nobody_says_why(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, f"http://127.0.0.1:{free_port()}")

    result = api.post(f"{BASE}/subscriptions/{subscription.id}/test", {}).json()

    assert (result["delivered"], result["error_code"]) == (False, "UNREACHABLE")
    assert result["response"] is None


def test_test_whose_template_fails_sends_nothing(
    api: APIClient, tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url, payload='{"n": {{number(order.n)}}}')

    result = api.post(
        f"{BASE}/subscriptions/{subscription.id}/test", {"data": {"n": "seven"}}
    ).json()

    assert sink.requests == []
    assert (result["delivered"], result["error_code"]) == (False, "TEMPLATE_FAILED")
    assert result["request"]["body"] == '{"n": {{number(order.n)}}}'


def test_test_follows_the_rules_of_delivery(
    api: APIClient, tenant: Tenant, sink: Sink, settings: object
) -> None:
    subscription = make_subscription(tenant, sink.url)
    settings.OUTBOUND_ALLOWED_NETWORKS = []  # type: ignore[attr-defined]

    result = api.post(f"{BASE}/subscriptions/{subscription.id}/test", {}).json()

    assert sink.requests == []
    assert result["error_code"] == "ADDRESS_REFUSED"


def test_preview_renders_without_sending_or_storing(api: APIClient, tenant: Tenant) -> None:
    core_services.set_config_value(tenant, "key", "s3cr3t-value", actor=make_actor())

    answer = api.post(
        f"{BASE}/preview",
        {
            "event_type": "order.created",
            "data": {"id": "A1", "total": 5},
            "url": "https://{{config.key}}.example/{{order.id}}",
            "headers": [
                {"name": "Authorization", "value": "Basic {{base64_encode(config.key)}}"},
                {"name": "Cookie", "value": "literal"},
            ],
            "payload": "{ sum: {{order.total}}, note: 'for {{order.who}}' }",
            "filter": "order.total > 10",
        },
    )

    result = answer.json()
    assert answer.status_code == 200
    assert result["request"] == {
        "method": "POST",
        "url": "https://config-key.example/A1",
        "headers": [
            {"name": "Content-Type", "value": "application/json"},
            {"name": "Authorization", "value": "Basic Y29uZmlnLWtleQ=="},
            {"name": "Cookie", "value": "••••••"},
        ],
        "body": '{ "sum": 5, "note": "for " }',
    }
    assert (result["matched"], result["problems"]) == (False, [])
    assert (result["event"]["type"], result["event"]["data"]["total"]) == ("order.created", 5)


def test_preview_says_what_is_wrong_and_where(api: APIClient) -> None:
    answer = api.post(
        f"{BASE}/preview",
        {"event_type": "order.created", "payload": '{\n "a": {{b +}} }', "filter": "1 +"},
    )

    result = answer.json()
    assert (result["request"], result["matched"]) == (None, None)
    assert [(problem["path"], problem["line"]) for problem in result["problems"]] == [
        ("payload", 2),
        ("filter", 1),
    ]


@pytest.mark.parametrize("name", ["Host", "Content-Length", "webhook-id", "X\r\nY", "é"])
def test_preview_refuses_the_headers_that_saving_refuses(name: str, api: APIClient) -> None:
    answer = api.post(
        f"{BASE}/preview",
        {"event_type": "order.created", "headers": [{"name": name, "value": "x"}]},
    )

    result = answer.json()
    assert result["request"] is None
    assert [(each["path"], each["code"]) for each in result["problems"]] == [
        ("headers[0].name", "invalid_header")
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"method": "GET", "payload": "{}"}, "body_not_allowed"),
        ({"payload_format": "form", "payload": ""}, "required"),
    ],
)
def test_preview_shows_no_request_whose_body_could_not_be_saved(
    fields: dict[str, str], code: str, api: APIClient
) -> None:
    answer = api.post(f"{BASE}/preview", {"url": NOWHERE, "event_type": "order.created", **fields})

    assert answer.json()["request"] is None
    assert [(each["path"], each["code"]) for each in answer.json()["problems"]] == [
        ("payload", code)
    ]


@pytest.mark.parametrize("event_type", ["order", "Order.created", "order.*", "x" * 101])
def test_preview_wants_the_name_of_an_event(api: APIClient, event_type: str) -> None:
    answer = api.post(f"{BASE}/preview", {"event_type": event_type})

    assert answer.status_code == 422
    assert answer.json()["details"][0]["path"] == "event_type"


def test_definition_becomes_the_fields_of_a_subscription(api: APIClient) -> None:
    text = "{ event: 'order.created', webhook: 'https://crm.example/x', payload: { a: 1 } }"

    fields = api.post(f"{BASE}/definitions", {"definition": text}).json()
    created = api.post(f"{BASE}/subscriptions", {"name": "CRM", **fields})

    assert created.status_code == 201
    assert created.json()["payload"] == '{\n  "a": 1\n}'


def test_definition_that_cannot_be_read_points_at_its_line(api: APIClient) -> None:
    answer = api.post(f"{BASE}/definitions", {"definition": "URL: x\nColour: red"})

    assert (answer.status_code, answer.json()["error"]) == (422, "INVALID_DEFINITION")
    (detail,) = answer.json()["details"]
    assert (detail["path"], detail["line"]) == ("definition", 2)


def test_unknown_event_is_no_obstacle_to_a_test(api: APIClient, tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url, event_types=["*"])

    answer = api.post(f"{BASE}/subscriptions/{subscription.id}/test", {})

    assert answer.status_code == 200
    assert len(sink.requests) == 1
    assert NOWHERE not in answer.content.decode()
