from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.pagination import encode_cursor
from core.models import Event, Tenant
from core.types import Actor
from records import services
from records.api.views.changes import mark_of
from records.models import Record
from tests.orders import dispatch, order

CHANGES = "/api/v1/changes"


@pytest.fixture
def changed(tenant: Tenant, stored: Record, actor: Actor) -> Record:
    """An order that was created and then paid."""
    record = services.merge_record(tenant, "order", stored.id, {"status": "paid"}, actor=actor)
    dispatch()
    return record


def test_changes_are_told_in_order(api: APIClient, changed: Record) -> None:
    answer = api.get(CHANGES)

    body = answer.json()
    event = Event.objects.get(position=2)
    assert answer.status_code == 200
    assert body["has_more"] is False
    assert [each["operation"] for each in body["data"]] == ["created", "updated"]
    assert body["data"][1] == {
        "position": 2,
        "event_id": event.id,
        "type": "order",
        "id": changed.id,
        "operation": "updated",
        "at": api.get(f"/api/v1/records/order/{changed.id}").json()["updated_at"],
        "data": changed.data,
        "changes": {"status": {"old": "new", "new": "paid"}},
    }


def test_the_cursor_leads_to_what_happens_next(
    api: APIClient, tenant: Tenant, changed: Record, actor: Actor
) -> None:
    first = api.get(CHANGES, {"limit": 1}).json()
    second = api.get(CHANGES, {"cursor": first["next_cursor"]}).json()
    nothing = api.get(CHANGES, {"cursor": second["next_cursor"]}).json()
    services.delete_record(tenant, "order", changed.id, actor=actor)
    dispatch()

    third = api.get(CHANGES, {"cursor": nothing["next_cursor"]}).json()

    assert [first["has_more"], second["has_more"], nothing["has_more"]] == [True, False, False]
    assert [len(page["data"]) for page in (first, second, nothing, third)] == [1, 1, 0, 1]
    assert third["data"][0]["operation"] == "deleted"
    assert third["data"][0]["data"] == changed.data


def test_a_reader_can_start_at_a_moment(api: APIClient, changed: Record) -> None:
    now = timezone.now()

    past = api.get(CHANGES, {"since": (now - timedelta(hours=1)).isoformat()}).json()
    future = api.get(CHANGES, {"since": (now + timedelta(hours=1)).isoformat()}).json()

    assert len(past["data"]) == 2
    assert future["data"] == []
    assert future["next_cursor"] == past["next_cursor"]


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_of_utc_is_refused(api: APIClient, changed: Record, since: str) -> None:
    answer = api.get(CHANGES, {"since": since})

    assert answer.status_code == 400


def test_types_can_be_chosen(api: APIClient, changed: Record) -> None:
    assert len(api.get(CHANGES, {"type": "order"}).json()["data"]) == 2
    assert api.get(CHANGES, {"type": "invoice,note"}).json()["data"] == []


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!",
        "é",
        "bnVsbA",
        "A" * 2_000,
        encode_cursor([]),
        encode_cursor(["changes", "x", 1]),
        encode_cursor(["deadbeef", "rec_x"]),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(
    api: APIClient, changed: Record, cursor: str
) -> None:
    answer = api.get(CHANGES, {"cursor": cursor})

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_CURSOR")


@pytest.mark.parametrize("position", [-1, 3, 2**62, "1", "x", 1.5, True, None, [1]])
def test_a_place_that_is_none_is_refused(
    api: APIClient, tenant: Tenant, changed: Record, position: object
) -> None:
    cursor = encode_cursor(["changes", mark_of(tenant), position])

    answer = api.get(CHANGES, {"cursor": cursor})

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_CURSOR")


def test_another_lists_cursor_is_refused(api: APIClient, tenant: Tenant, changed: Record) -> None:
    api.post("/api/v1/records/order", {"data": order("A-2")})
    foreign = api.get("/api/v1/records/order", {"limit": 1}).json()["next_cursor"]

    answer = api.get(CHANGES, {"cursor": foreign})

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_CURSOR")


def test_another_tenants_cursor_is_refused(
    api: APIClient, stranger_api: APIClient, changed: Record
) -> None:
    foreign = api.get(CHANGES).json()["next_cursor"]

    answer = stranger_api.get(CHANGES, {"cursor": foreign})

    assert stranger_api.get(CHANGES).json()["data"] == []
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_CURSOR")


def test_a_cursor_whose_changes_were_purged_is_gone(api: APIClient, changed: Record) -> None:
    cursor = api.get(CHANGES, {"limit": 1}).json()["next_cursor"]
    Event.objects.filter(position=1).delete()
    still = api.get(CHANGES, {"cursor": cursor})
    Event.objects.filter(position=2).delete()

    gone = api.get(CHANGES, {"cursor": cursor})

    assert len(still.json()["data"]) == 1
    assert (gone.status_code, gone.json()["error"]) == (410, "CURSOR_EXPIRED")


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"cursor": "x", "since": "2026-03-07T10:00:00Z"}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": ""}, "since"),
        ({"since": "2026-03-07T10:00:00 02:00"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"type": ""}, "type"),
        ({"type": "Order"}, "type"),
        ({"type": ",".join(["a"] * 21)}, "type"),
        ({"after": "1"}, "after"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(
    api: APIClient, changed: Record, parameters: dict[str, str], path: str
) -> None:
    answer = api.get(CHANGES, parameters)

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")
    assert answer.json()["details"]["path"] == path


def test_the_feed_is_read_only(api: APIClient, changed: Record) -> None:
    assert api.post(CHANGES, {}).status_code == 405
