from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.models import Tenant
from core.types import Actor
from records import services
from records.models import Record, RecordType
from tests.orders import make_order_type, order

ORDERS = "/api/v1/records/order"


@pytest.fixture
def orders(tenant: Tenant, order_type: RecordType, actor: Actor) -> list[Record]:
    """Five orders; the first one was changed last."""
    records = [
        services.create_record(tenant, "order", order(f"A-{place}", total=place), actor=actor)
        for place in range(5)
    ]
    changed = services.merge_record(tenant, "order", records[0].id, {"status": "paid"}, actor=actor)
    return [*records[1:], changed]


@pytest.fixture
def invoice(tenant: Tenant, actor: Actor) -> Record:
    services.create_record_type(tenant, "invoice", name="Invoice", actor=actor)
    return services.create_record(tenant, "invoice", {"number": "A-1"}, actor=actor)


def keys(answer: Any) -> list[str]:
    return [row["key"] for row in answer.json()["data"]]


def test_records_come_in_the_order_of_their_last_change(
    api: APIClient, orders: list[Record]
) -> None:
    answer = api.get(ORDERS)

    assert answer.status_code == 200
    assert keys(answer) == ["A-1", "A-2", "A-3", "A-4", "A-0"]
    assert answer.json()["next_cursor"] is None


def test_pages_follow_each_other(api: APIClient, orders: list[Record]) -> None:
    first = api.get(ORDERS, {"limit": 2})
    second = api.get(ORDERS, {"limit": 2, "cursor": first.json()["next_cursor"]})
    third = api.get(ORDERS, {"limit": 2, "cursor": second.json()["next_cursor"]})

    assert keys(first) + keys(second) + keys(third) == ["A-1", "A-2", "A-3", "A-4", "A-0"]
    assert third.json()["next_cursor"] is None


def test_records_can_be_filtered_by_the_moment_of_their_last_change(
    api: APIClient, orders: list[Record]
) -> None:
    since = orders[3].updated_at

    answer = api.get(ORDERS, {"updated_since": since.isoformat()})
    before = api.get(ORDERS, {"updated_until": since.isoformat()})
    created = api.get(ORDERS, {"created_since": since.isoformat()})

    assert keys(answer) == ["A-4", "A-0"]
    assert keys(before) == ["A-1", "A-2", "A-3"]
    assert keys(created) == ["A-4"]


def test_what_a_list_shows_can_be_used_as_a_filter(api: APIClient, orders: list[Record]) -> None:
    shown = api.get(ORDERS).json()["data"][-1]["updated_at"]

    assert keys(api.get(ORDERS, {"updated_since": shown})) == ["A-0"]


def test_a_moment_in_another_zone_is_the_same_moment(api: APIClient, orders: list[Record]) -> None:
    moment = datetime.fromisoformat(orders[4].updated_at.isoformat()) + timedelta(microseconds=1)
    text = (moment + timedelta(hours=2)).isoformat().replace("+00:00", "+02:00")

    assert keys(api.get(ORDERS, {"updated_since": text})) == []
    assert len(keys(api.get(ORDERS, {"updated_until": text}))) == 5


def test_a_record_is_found_by_its_key(api: APIClient, orders: list[Record]) -> None:
    assert keys(api.get(ORDERS, {"key": "A-3"})) == ["A-3"]
    assert keys(api.get(ORDERS, {"key": " A-3"})) == []


def test_records_of_several_types_can_be_listed(
    api: APIClient, orders: list[Record], invoice: Record
) -> None:
    everything = api.get("/api/v1/records")
    both = api.get("/api/v1/records", {"type": "order,invoice"})
    one = api.get("/api/v1/records", {"type": "invoice"})

    assert len(everything.json()["data"]) == len(both.json()["data"]) == 6
    assert [(row["type"], row["id"]) for row in one.json()["data"]] == [("invoice", invoice.id)]


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"type": "order,unknown"}, "type"),
        ({"type": "Order"}, "type"),
        ({"type": ","}, "type"),
        ({"status": "paid"}, "status"),
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2026-03-07T10:00:00 02:00"}, "updated_since"),
        ({"updated_since": "0001-01-01T00:00:00+14:00"}, "updated_since"),
        ({"updated_until": "9999-12-31T23:59:59-14:00"}, "updated_until"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"data": "x"}, "data"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(
    api: APIClient, order_type: RecordType, parameters: dict[str, str], path: str
) -> None:
    answer = api.get("/api/v1/records", parameters)

    details = answer.json()["details"]
    assert answer.status_code == 400
    assert (details[0] if isinstance(details, list) else details)["path"] == path


def test_the_list_of_an_unknown_type_is_not_found(api: APIClient, order_type: RecordType) -> None:
    answer = api.get("/api/v1/records/orders")

    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no record type 'orders'."


def test_a_stranger_sees_nothing(
    stranger: Tenant, stranger_api: APIClient, orders: list[Record]
) -> None:
    make_order_type(stranger)

    assert keys(stranger_api.get(ORDERS)) == []
    assert keys(stranger_api.get("/api/v1/records")) == []


@settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(limits=st.lists(st.integers(1, 3), min_size=6, max_size=6))
def test_paging_gives_every_record_once(
    api: APIClient, orders: list[Record], limits: list[int]
) -> None:
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for limit in limits:
        answer = api.get(ORDERS, {"limit": limit, **cursor})
        seen += keys(answer)
        if answer.json()["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json()["next_cursor"]}

    assert seen == ["A-1", "A-2", "A-3", "A-4", "A-0"]
