import pytest
from rest_framework.test import APIClient

from core.models import Event
from records.models import Record
from tests.orders import order

ORDERS = "/api/v1/records/order"
METHODS = ["put", "patch", "delete"]


@pytest.mark.spec("RFC 9110", "13.1.1")
@pytest.mark.parametrize("tag", ['"1"', "*", ' "1" ', '"9", "1"', '"1",', 'W/"1", "1"'])
@pytest.mark.parametrize("method", METHODS)
def test_a_matching_tag_lets_a_write_pass(
    api: APIClient, stored: Record, method: str, tag: str
) -> None:
    body = {"data": order("A-1", status="paid")}

    answer = getattr(api, method)(f"{ORDERS}/{stored.id}", body, headers={"If-Match": tag})

    assert answer.status_code == (204 if method == "delete" else 200)
    assert Event.objects.count() == 2


@pytest.mark.spec("RFC 9110", "13.1.1")
@pytest.mark.parametrize(
    "tag", ['"2"', 'W/"1"', '"abc"', '""', '"01"', '"2", "3"', '"99999999999999"']
)
@pytest.mark.parametrize("method", METHODS)
def test_another_tag_stops_a_write(api: APIClient, stored: Record, method: str, tag: str) -> None:
    body = {"data": order("A-1", status="paid")}

    answer = getattr(api, method)(f"{ORDERS}/{stored.id}", body, headers={"If-Match": tag})

    assert answer.status_code == 412
    assert answer.json()["error"] == "VERSION_CONFLICT"
    assert answer.json()["details"] == {"current_version": 1}
    assert Record.objects.get().data == stored.data
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "tag", ["1", "", '"1', "'1'", '"1" "2"', "*, *", 'w/"1"', '"1 "', ",", '"' + "1" * 2_000 + '"']
)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_tag_is_refused(api: APIClient, stored: Record, method: str, tag: str) -> None:
    body = {"data": order("A-1", status="paid")}

    answer = getattr(api, method)(f"{ORDERS}/{stored.id}", body, headers={"If-Match": tag})

    assert answer.status_code == 400
    assert answer.json()["error"] == "INVALID_REQUEST"
    assert Record.objects.get().data == stored.data


def test_a_tag_for_a_record_that_is_gone_is_not_found(api: APIClient, stored: Record) -> None:
    api.delete(f"{ORDERS}/{stored.id}")

    for tag in ('"1"', "*", '"1", "2"'):
        answer = api.delete(f"{ORDERS}/{stored.id}", headers={"If-Match": tag})
        assert answer.status_code == 404


@pytest.mark.spec("RFC 9110", "13.1.2")
@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "*", '"7", "1"'])
def test_a_reader_who_has_the_version_gets_no_body(
    api: APIClient, stored: Record, tag: str
) -> None:
    answer = api.get(f"{ORDERS}/{stored.id}", headers={"If-None-Match": tag})

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["ETag"] == '"1"'


@pytest.mark.spec("RFC 9110", "13.1.2")
def test_a_reader_who_has_another_version_gets_the_new_one(api: APIClient, stored: Record) -> None:
    api.patch(f"{ORDERS}/{stored.id}", {"data": {"status": "paid"}})

    answer = api.get(f"{ORDERS}/{stored.id}", headers={"If-None-Match": '"1"'})

    assert answer.status_code == 200
    assert answer.json()["version"] == 2


def test_a_change_of_nothing_keeps_the_version(api: APIClient, stored: Record) -> None:
    answer = api.patch(
        f"{ORDERS}/{stored.id}", {"data": {"total": 12.50}}, headers={"If-Match": '"1"'}
    )

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert Event.objects.count() == 1
