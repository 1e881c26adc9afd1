"""Nothing in a request is converted, dropped or passed over in silence."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import ApiKey, ConfigValue, Event, Tenant
from records.models import Record
from tests.orders import make_order_type
from tests.subscriptions import make_subscription
from webhooks.models import Subscription

URL = "https://warehouse.example/hook"
SUBSCRIPTION: dict[str, Any] = {"name": "Warehouse", "event_types": ["order.*"], "url": URL}
EVENT: dict[str, Any] = {"type": "parcel.lost", "data": {}}

WRONG = [
    ("events", {**EVENT, "entity_id": 7}, "entity_id", "Send a text."),
    ("events", {**EVENT, "entity_id": 7.5}, "entity_id", "Send a text."),
    ("events", {**EVENT, "type": True}, "type", "Send a text."),
    (
        "api-keys",
        {"name": "k", "scopes": ["events:read", 1]},
        "scopes[1]",
        '"1" is not a valid choice.',
    ),
    (
        "records/order/bulk",
        {"records": [{"data": {}}], "atomic": 0},
        "atomic",
        "Send true or false.",
    ),
    (
        "records/order/bulk",
        {"records": [{"data": {}}], "atomic": "no"},
        "atomic",
        "Send true or false.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "enabled": "yes"},
        "enabled",
        "Send true or false.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "event_types": ["order.*", 5]},
        "event_types[1]",
        "Send a text.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "timeout_seconds": "5"},
        "timeout_seconds",
        "Send a whole number.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "timeout_seconds": True},
        "timeout_seconds",
        "Send a whole number.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "timeout_seconds": 5.5},
        "timeout_seconds",
        "Send a whole number.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "headers": [{"name": "X-A", "value": 1}]},
        "headers[0].value",
        "Send a text.",
    ),
    (
        "webhooks/subscriptions",
        {**SUBSCRIPTION, "retry_policy": {"backoffMultiplier": "2"}},
        "retry_policy.backoffMultiplier",
        "Send a number.",
    ),
]


@pytest.mark.parametrize(("path", "body", "place", "message"), WRONG)
def test_value_of_another_type_is_refused_where_it_stands(
    path: str,
    body: dict[str, Any],
    place: str,
    message: str,
    *,
    tenant: Tenant,
    api: APIClient,
) -> None:
    make_order_type(tenant)
    before = [model.objects.count() for model in (ApiKey, Event, Record, Subscription)]

    response = api.post(f"/api/v1/{path}", body)

    assert response.status_code == 422
    answer = response.json()
    assert answer["error"] == "VALIDATION_FAILED"
    assert [(each["path"], each["message"]) for each in answer["details"]] == [(place, message)]
    assert [model.objects.count() for model in (ApiKey, Event, Record, Subscription)] == before


def test_every_problem_is_told_at_once(api: APIClient) -> None:
    body = {"value": 1, "description": 2, "extra": 3}

    response = api.put("/api/v1/config/api_key", body)

    assert sorted((each["path"], each["code"]) for each in response.json()["details"]) == [
        ("description", "type"),
        ("extra", "unknown"),
        ("value", "type"),
    ]
    assert ConfigValue.objects.count() == 0


def test_whole_number_may_be_written_with_a_point(api: APIClient) -> None:
    response = api.post("/api/v1/webhooks/subscriptions", {**SUBSCRIPTION, "timeout_seconds": 5.0})

    assert (response.status_code, response.json()["timeout_seconds"]) == (201, 5)


def test_object_inside_of_a_partial_change_must_be_whole(tenant: Tenant, api: APIClient) -> None:
    subscription = make_subscription(tenant, URL, headers=[{"name": "X-A", "value": "1"}])

    response = api.patch(
        f"/api/v1/webhooks/subscriptions/{subscription.id}", {"headers": [{"name": "X-B"}]}
    )

    assert response.status_code == 422
    assert response.json()["details"] == [
        {"path": "headers[0].value", "code": "required", "message": "This field is required."}
    ]
    subscription.refresh_from_db()
    assert subscription.headers == [{"name": "X-A", "value": "1"}]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("events", "type"),
        ("events", "entity_id"),
        ("events", "occurred_since"),
        ("records", "updated_until"),
        ("records", "key"),
        ("webhooks/deliveries", "state"),
        ("webhooks/deliveries", "subscription"),
    ],
)
def test_filter_without_a_value_does_not_return_everything(
    path: str, name: str, api: APIClient
) -> None:
    response = api.get(f"/api/v1/{path}?{name}=")

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_PARAMETER"
    assert response.json()["message"] == f"Send a value for {name}, or leave it out."
    assert response.json()["details"] == {"path": name}
