from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Event, Tenant
from records.models import Record, RecordType
from tests.orders import order, published

ORDERS = "/api/v1/records/order"


def test_an_order_can_be_created_and_read(api: APIClient, order_type: RecordType) -> None:
    created = api.post(ORDERS, {"data": order("A-7", total=9.5)})

    read = api.get(created.headers["Location"])
    body = created.json()
    assert created.status_code == 201
    assert created.headers["Location"] == f"{ORDERS}/{body['id']}"
    assert created.headers["ETag"] == read.headers["ETag"] == '"1"'
    assert read.status_code == 200
    assert read.json() == body
    assert body == {
        "id": Record.objects.get().id,
        "type": "order",
        "key": "A-7",
        "version": 1,
        "created_at": body["updated_at"],
        "updated_at": body["updated_at"],
        "data": {"number": "A-7", "status": "new", "total": 9.5},
    }
    assert body["updated_at"].endswith("Z")


def test_an_order_can_be_replaced(api: APIClient, stored: Record) -> None:
    answer = api.put(f"{ORDERS}/{stored.id}", {"data": order("A-1", status="paid")})

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["data"] == {"number": "A-1", "status": "paid"}
    assert answer.json()["version"] == 2


@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_a_part_of_an_order_can_be_changed(
    api: APIClient, stored: Record, content_type: str
) -> None:
    body: Any = b'{"data": {"status": "paid", "total": null}}'

    answer = api.generic("PATCH", f"{ORDERS}/{stored.id}", body, content_type=content_type)

    assert answer.status_code == 200
    assert Record.objects.get().data == {
        "number": "A-1",
        "status": "paid",
        "tags": ["new"],
        "customer": {"name": "Ana"},
    }


def test_only_a_patch_is_a_merge_patch(api: APIClient, order_type: RecordType) -> None:
    body: Any = b'{"data": {"number": "A-1"}}'

    answer = api.generic("POST", ORDERS, body, content_type="application/merge-patch+json")

    assert answer.status_code == 415
    assert Record.objects.count() == 0


def test_an_order_can_be_deleted(api: APIClient, tenant: Tenant, stored: Record) -> None:
    answer = api.delete(f"{ORDERS}/{stored.id}")

    assert answer.status_code == 204
    assert api.get(f"{ORDERS}/{stored.id}").status_code == 404
    assert published(tenant)[-1].type == "order.deleted"


def test_events_carry_the_correlation_id_of_the_request(
    api: APIClient, tenant: Tenant, order_type: RecordType
) -> None:
    api.post(ORDERS, {"data": order()}, headers={"X-Correlation-ID": "checkout-17"})

    [event] = published(tenant)
    assert event.correlation_id == "checkout-17"
    assert event.actor["kind"] == "api_key"


def test_what_does_not_fit_is_named_by_its_path(api: APIClient, order_type: RecordType) -> None:
    answer = api.post(ORDERS, {"data": order(items=[{"sku": "L", "quantity": 0}], total=10_001)})

    body = answer.json()
    assert answer.status_code == 422
    assert body["error"] == "VALIDATION_FAILED"
    assert [(each["path"], each["code"]) for each in body["details"]] == [
        ("data.items[0].quantity", "min"),
        ("data.total", "max"),
    ]
    assert body["details"][1]["message"] == "too expensive"
    assert Record.objects.count() == 0
    assert Event.objects.count() == 0


def test_a_key_that_is_taken_is_a_conflict(api: APIClient, stored: Record) -> None:
    answer = api.post(ORDERS, {"data": order("A-1")})

    assert answer.status_code == 409
    assert answer.json()["error"] == "DUPLICATE_KEY"
    assert answer.json()["details"][0]["path"] == "data.number"
    assert Record.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "path",
    [
        "order/rec_00000000000000000000000000",
        "order/rec_x",
        "order/%F0%9F%98%80",
        "order/rty_00000000000000000000000000",
        "invoice/{id}",
        "Order/{id}",
        "%27/{id}",
    ],
)
def test_what_does_not_exist_is_not_found(
    api: APIClient, stored: Record, method: str, path: str
) -> None:
    body = {"data": order("A-1", status="paid")}

    answer = getattr(api, method)(f"/api/v1/records/{path.format(id=stored.id)}", body)

    if method == "get":
        answer = api.get(f"/api/v1/records/{path.format(id=stored.id)}")
    assert answer.status_code == 404
    assert answer.json()["error"] == "NOT_FOUND"
    assert Record.objects.get().data == stored.data


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_stranger_finds_nothing(stranger_api: APIClient, stored: Record, method: str) -> None:
    body = None if method == "get" else {"data": order("A-1", status="paid")}

    answer = getattr(stranger_api, method)(f"{ORDERS}/{stored.id}", body)

    assert answer.status_code == 404
    assert Record.objects.get().data == stored.data


def test_an_id_of_another_type_is_not_found(api: APIClient, stored: Record, tenant: Tenant) -> None:
    api.post("/api/v1/record-types", {"slug": "invoice", "name": "Invoice"})

    assert api.get(f"/api/v1/records/invoice/{stored.id}").status_code == 404
    assert api.delete(f"/api/v1/records/invoice/{stored.id}").status_code == 404
    assert Record.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param({}, "data", id="no-data"),
        pytest.param({"data": []}, "data", id="list"),
        pytest.param({"data": None}, "data", id="null"),
        pytest.param({"data": "x"}, "data", id="text"),
        pytest.param({"data": {}, "version": 3}, "version", id="unknown-field"),
        pytest.param([], "", id="no-object"),
    ],
)
@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_a_body_of_another_shape_is_refused(
    api: APIClient, stored: Record, method: str, body: Any, path: str
) -> None:
    url = ORDERS if method == "post" else f"{ORDERS}/{stored.id}"

    answer = getattr(api, method)(url, body)

    assert answer.status_code == 422
    assert answer.json()["details"][0]["path"] == path
    assert Record.objects.get().data == stored.data


def test_a_repeated_request_creates_one_record(api: APIClient, order_type: RecordType) -> None:
    headers = {"Idempotency-Key": "order-17"}

    first = api.post(ORDERS, {"data": order("A-1")}, headers=headers)
    second = api.post(ORDERS, {"data": order("A-1")}, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["ETag"] == '"1"'
    assert Record.objects.count() == 1
    assert Event.objects.count() == 1


def test_the_deepest_record_can_be_repeated_in_bulk(api: APIClient, order_type: RecordType) -> None:
    deep: Any = "x"
    for _ in range(30):
        deep = [deep]
    headers = {"Idempotency-Key": "deep-1"}
    body = {"records": [{"data": order(note=deep)}]}

    first = api.post(f"{ORDERS}/bulk", body, headers=headers)
    second = api.post(f"{ORDERS}/bulk", body, headers=headers)

    assert first.status_code == 200
    assert second.json() == first.json()
    assert Record.objects.count() == 1
