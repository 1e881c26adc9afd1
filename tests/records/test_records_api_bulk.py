from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Event
from records.models import Record, RecordType
from tests.orders import order, stored_keys

BULK = "/api/v1/records/order/bulk"


def test_all_are_created_and_shown(api: APIClient, order_type: RecordType) -> None:
    answer = api.post(BULK, {"records": [{"data": order("A-1")}, {"data": order("A-2")}]})

    items = answer.json()["data"]
    assert answer.status_code == 200
    assert [(item["index"], item["status"]) for item in items] == [(0, "created"), (1, "created")]
    assert [item["record"]["key"] for item in items] == ["A-1", "A-2"]
    assert items[0]["record"] == api.get(f"/api/v1/records/order/{items[0]['record']['id']}").json()
    assert Event.objects.count() == 2


def test_none_is_created_when_one_is_wrong(api: APIClient, stored: Record) -> None:
    body = {"records": [{"data": order("A-2")}, {"data": order(total=-1)}, {"data": {}}]}

    answer = api.post(BULK, body)

    assert answer.status_code == 422
    assert answer.json()["error"] == "BULK_REFUSED"
    assert [(each["path"], each["code"]) for each in answer.json()["details"]] == [
        ("records[1].data.total", "min"),
        ("records[2].data.number", "required"),
    ]
    assert Record.objects.count() == 1


def test_each_gets_its_own_result_when_asked(api: APIClient, stored: Record) -> None:
    body = {
        "records": [{"data": order("A-1")}, {"data": order("A-2")}, {"data": {}}],
        "atomic": False,
    }

    answer = api.post(BULK, body)

    items = answer.json()["data"]
    assert answer.status_code == 200
    assert [item["status"] for item in items] == ["failed", "created", "failed"]
    assert [item["error"]["error"] for item in (items[0], items[2])] == [
        "DUPLICATE_KEY",
        "VALIDATION_FAILED",
    ]
    assert items[2]["error"]["details"][0]["path"] == "data.number"
    assert stored_keys() == ["A-1", "A-2"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"records": []}, id="empty"),
        pytest.param({"records": {}}, id="no-list"),
        pytest.param({"records": [1]}, id="no-objects"),
        pytest.param({"records": [{}]}, id="no-data"),
        pytest.param({"records": [{"data": order(), "id": "x"}]}, id="unknown-field"),
        pytest.param({"records": [{"data": order()}], "atomic": "perhaps"}, id="atomic"),
        pytest.param({"records": [{"data": order()}] * 1_001}, id="too-many"),
        pytest.param([], id="list"),
    ],
)
def test_a_body_of_another_shape_is_refused(
    api: APIClient, order_type: RecordType, body: Any
) -> None:
    answer = api.post(BULK, body)

    assert answer.status_code == 422
    assert answer.json()["error"] == "VALIDATION_FAILED"
    assert Record.objects.count() == 0


def test_a_stranger_has_no_such_type(stranger_api: APIClient, order_type: RecordType) -> None:
    answer = stranger_api.post(BULK, {"records": [{"data": order()}]})

    assert answer.status_code == 404
    assert Record.objects.count() == 0


def test_there_is_nothing_to_read(api: APIClient, order_type: RecordType) -> None:
    assert api.get(BULK).status_code == 405
