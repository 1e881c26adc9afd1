from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Tenant
from core.types import Actor
from records import services
from records.models import Record, RecordType
from tests.orders import order

ORDERS = "/api/v1/records/order"


@pytest.fixture
def orders(tenant: Tenant, order_type: RecordType, actor: Actor) -> list[Record]:
    items: list[dict[str, Any]] = [
        order("1", status="paid", total=5, gift=True, customer={"name": "Ana"}, tags=["a"]),
        order("2", total=5.5, gift=False, customer={"name": "Eva"}, note=5, **{"a b%": "x"}),
        order("3", total=0, customer={}, note="5", items=[{"sku": "L"}]),
        order("4", note=True, customer={"name": "5"}),
        order("5", note="true", **{"it's": 1, "--": 1}),
        order("6", note=None),
        order("7", note=[5], labels=["a"]),
        order("8", note={"deep": {"er": "x"}}),
    ]
    outcome = services.create_records(tenant, "order", items, actor=actor)
    return [success.record for success in outcome.successes]


def found(api: APIClient, parameters: dict[str, str], url: str = ORDERS) -> list[str]:
    answer = api.get(url, parameters)
    assert answer.status_code == 200, answer.content
    return [row["key"] for row in answer.json()["data"]]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"data.number": "1"}, ["1"], id="text"),
        pytest.param({"data.status": "paid"}, ["1"], id="choice"),
        pytest.param({"data.total": "5"}, ["1"], id="number"),
        pytest.param({"data.total": "5.0"}, ["1"], id="number-written-otherwise"),
        pytest.param({"data.total": "5.5"}, ["2"], id="real"),
        pytest.param({"data.total": "0"}, ["3"], id="zero"),
        pytest.param({"data.gift": "true"}, ["1"], id="true"),
        pytest.param({"data.gift": "false"}, ["2"], id="false"),
        pytest.param({"data.customer.name": "Eva"}, ["2"], id="nested"),
        pytest.param({"data.customer.name": "5"}, ["4"], id="declared-text"),
        pytest.param({"data.note": "5"}, ["2", "3"], id="undeclared-is-text-or-number"),
        pytest.param({"data.note": "true"}, ["4", "5"], id="undeclared-is-text-or-boolean"),
        pytest.param({"data.note": "null"}, ["6"], id="undeclared-null"),
        pytest.param({"data.note.deep.er": "x"}, ["8"], id="undeclared-nested"),
        pytest.param({"data.a b%": "x"}, ["2"], id="odd-name"),
        pytest.param({"data.it's": "1"}, ["5"], id="quote"),
        pytest.param({"data.--": "1"}, ["5"], id="dashes"),
        pytest.param({"data.labels": "a"}, [], id="not-inside-a-list"),
        pytest.param({"data.number__contains": "1"}, [], id="a-lookup-is-a-name"),
        pytest.param({"data.customer__name": "Ana"}, [], id="no-relation"),
        pytest.param({"data.nowhere": "x"}, [], id="missing"),
        pytest.param({"data.customer.name.first": "Ana"}, [], id="below-text"),
        pytest.param({"data.status": "paid", "data.total": "5"}, ["1"], id="both"),
        pytest.param({"data.status": "paid", "data.total": "6"}, [], id="both-must-hold"),
        pytest.param({"data.status": "new", "key": "3"}, ["3"], id="with-another-filter"),
    ],
)
def test_records_are_found_by_what_they_hold(
    api: APIClient, orders: list[Record], parameters: dict[str, str], expected: list[str]
) -> None:
    assert found(api, parameters) == expected


def test_records_of_every_type_are_found_by_what_they_hold(
    api: APIClient, orders: list[Record]
) -> None:
    assert found(api, {"data.number": "3"}, "/api/v1/records") == ["3"]
    assert found(api, {"data.total": "5"}, "/api/v1/records") == ["1"]


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"data.total": "many"}, "data.total"),
        ({"data.total": "true"}, "data.total"),
        ({"data.gift": "1"}, "data.gift"),
        ({"data.tags": "a"}, "data.tags"),
        ({"data.": "x"}, "data."),
        ({"data.a..b": "x"}, "data.a..b"),
        ({"data.items.0.sku": "L"}, "data.items.0.sku"),
        ({"data.-1": "L"}, "data.-1"),
        ({"data.1_0": "L"}, "data.1_0"),
        ({'data.a"b': "x"}, 'data.a"b'),
        ({"data.a[0]": "x"}, "data.a[0]"),
        ({"data.a\\b": "x"}, "data.a\\b"),
        ({"data." + ".".join("abcdefghi"): "x"}, "data.a.b.c.d.e.f.g.h.i"),
        ({"data." + "x" * 101: "x"}, "data." + "x" * 95),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(
    api: APIClient, orders: list[Record], parameters: dict[str, str], path: str
) -> None:
    answer = api.get(ORDERS, parameters)

    assert answer.status_code == 400
    assert answer.json()["error"] == "INVALID_PARAMETER"
    assert answer.json()["details"] == {"path": path}


def test_too_many_filters_are_refused(api: APIClient, order_type: RecordType) -> None:
    answer = api.get(ORDERS, {f"data.f{place}": "x" for place in range(11)})

    assert answer.status_code == 400


def test_a_long_value_finds_nothing(api: APIClient, orders: list[Record]) -> None:
    assert found(api, {"data.number": "9" * 3_000, "data.note": "[" * 3_000}) == []
