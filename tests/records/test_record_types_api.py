from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry, Tenant
from records.models import Record, RecordType
from tests.makers import make_key
from tests.orders import ORDER_SCHEMA, order

TYPES = "/api/v1/record-types"
ORDER_TYPE = {
    "slug": "order",
    "name": "Order",
    "description": "What a customer has bought.",
    "schema": ORDER_SCHEMA,
    "rules": [{"field": "total", "validator": "min:0"}],
    "key_field": "number",
}


def test_a_type_can_be_defined_and_read(api: APIClient, tenant: Tenant) -> None:
    created = api.post(TYPES, ORDER_TYPE)

    body = created.json()
    assert created.status_code == 201
    assert created.headers["Location"] == f"{TYPES}/order"
    assert api.get(f"{TYPES}/order").json() == body
    assert api.get(TYPES).json() == {"data": [body], "next_cursor": None}
    assert {name: body[name] for name in ORDER_TYPE} == ORDER_TYPE
    assert AuditEntry.objects.get(action="record_type.created").tenant == tenant


def test_a_name_is_enough_to_define_a_type(api: APIClient) -> None:
    created = api.post(TYPES, {"slug": "note", "name": "Note"})

    assert created.status_code == 201
    assert (created.json()["schema"], created.json()["rules"]) == ({}, [])
    assert api.post("/api/v1/records/note", {"data": {"text": "x"}}).status_code == 201


def test_a_type_can_be_replaced(api: APIClient, order_type: RecordType) -> None:
    answer = api.put(f"{TYPES}/order", {"name": "Purchase"})

    row = RecordType.objects.get()
    assert answer.status_code == 200
    assert (row.name, row.schema, row.rules, row.key_field) == ("Purchase", {}, [], "")


def test_a_part_of_a_type_can_be_changed(api: APIClient, order_type: RecordType) -> None:
    answer = api.patch(f"{TYPES}/order", {"description": "Of the shop"})

    row = RecordType.objects.get()
    assert answer.status_code == 200
    assert answer.json()["description"] == row.description == "Of the shop"
    assert (row.name, row.schema, row.key_field) == ("Order", ORDER_SCHEMA, "number")


def test_a_type_can_be_deleted_once_it_is_empty(api: APIClient, stored: Record) -> None:
    refused = api.delete(f"{TYPES}/order")
    api.delete(f"/api/v1/records/order/{stored.id}")
    deleted = api.delete(f"{TYPES}/order")

    assert (refused.status_code, refused.json()["error"]) == (409, "RECORD_TYPE_IN_USE")
    assert deleted.status_code == 204
    assert api.get(f"{TYPES}/order").status_code == 404


def test_a_slug_is_taken_once(api: APIClient, order_type: RecordType) -> None:
    answer = api.post(TYPES, ORDER_TYPE)

    assert (answer.status_code, answer.json()["error"]) == (409, "DUPLICATE_RECORD_TYPE")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"slug": "Order"}, "slug", id="slug"),
        pytest.param({"slug": "webhook"}, "slug", id="reserved-slug"),
        pytest.param({"slug": None}, "slug", id="null-slug"),
        pytest.param({"name": ""}, "name", id="no-name"),
        pytest.param({"name": ["Order"]}, "name", id="list-name"),
        pytest.param({"schema": []}, "schema", id="schema-list"),
        pytest.param({"schema": {"type": "array"}}, "schema.type", id="schema-of-a-list"),
        pytest.param(
            {"schema": {"type": "object", "properties": {"a": {"type": "txt"}}}},
            "schema.properties.a.type",
            id="schema-type",
        ),
        pytest.param({"rules": {}}, "rules", id="rules-object"),
        pytest.param({"rules": ["x"]}, "rules", id="rules-text"),
        pytest.param(
            {"rules": [{"field": "a", "type": "email"}, {"field": "b", "validator": "maximum:1"}]},
            "rules[1]",
            id="rule-unknown",
        ),
        pytest.param({"key_field": "a[0]"}, "key_field", id="key-field"),
        pytest.param({"colour": "red"}, "colour", id="unknown"),
        pytest.param({"id": "rty_00000000000000000000000000"}, "id", id="read-only"),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused_with_its_place(
    api: APIClient, tenant: Tenant, changes: dict[str, Any], path: str
) -> None:
    answer = api.post(TYPES, {**ORDER_TYPE, **changes})

    assert answer.status_code == 422
    assert answer.json()["error"] == "VALIDATION_FAILED"
    assert [each["path"] for each in answer.json()["details"]] == [path]
    assert RecordType.objects.count() == 0


def test_a_slug_never_changes(api: APIClient, order_type: RecordType) -> None:
    answer = api.put(f"{TYPES}/order", {"slug": "purchase", "name": "Purchase"})

    assert answer.status_code == 422
    assert RecordType.objects.get().slug == "order"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_stranger_finds_nothing(
    stranger_api: APIClient, order_type: RecordType, method: str
) -> None:
    body = None if method == "get" else {"name": "Mine"}

    answer = getattr(stranger_api, method)(f"{TYPES}/order", body)

    assert answer.status_code == 404
    assert stranger_api.get(TYPES).json()["data"] == []
    assert RecordType.objects.get().name == "Order"


def test_writing_records_does_not_allow_to_define_types(
    tenant: Tenant, order_type: RecordType
) -> None:
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {make_key(tenant, 'records:read', 'records:write')}"
    )

    assert client.get(f"{TYPES}/order").status_code == 200
    assert client.post("/api/v1/records/order", {"data": order()}).status_code == 201
    for answer in (
        client.post(TYPES, {"slug": "note", "name": "Note"}),
        client.put(f"{TYPES}/order", {"name": "Mine"}),
        client.patch(f"{TYPES}/order", {"name": "Mine"}),
        client.delete(f"{TYPES}/order"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (403, "INSUFFICIENT_SCOPE")
    assert RecordType.objects.get().name == "Order"
