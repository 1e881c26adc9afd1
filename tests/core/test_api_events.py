"""Reading and publishing events through the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from core import events
from core.models import Event, Tenant
from tests.makers import make_event, make_event_type, make_key

URL = "/api/v1/events"
MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
WEIGHED = {
    "type": "object",
    "required": ["order"],
    "properties": {"order": {"type": "string"}, "weight_kg": {"type": "number"}},
}


def test_published_event_is_answered_and_stored(tenant: Tenant, api: APIClient) -> None:
    data = {"z": 1.50, "a": {"ü": [None, True]}, "order": "A-1001"}
    with time_machine.travel(MOMENT, tick=False):
        response = api.post(
            URL,
            {"type": "parcel.dispatched", "entity_id": "P-1", "data": data},
            HTTP_X_CORRELATION_ID="story-7",
        )

    event = Event.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": event.id,
        "type": "parcel.dispatched",
        "timestamp": "2026-03-01T12:30:15.123Z",
        "entity_id": "P-1",
        "correlation_id": "story-7",
        "position": None,
        "data": data,
    }
    assert list(response.json()["data"]) == ["z", "a", "order"]
    assert response.headers["Location"] == f"{URL}/{event.id}"
    assert api.get(response.headers["Location"]).json() == response.json()
    assert event.tenant == tenant
    assert event.actor["kind"] == "api_key"


def test_event_shows_its_place_once_it_has_one(tenant: Tenant, api: APIClient) -> None:
    event = make_event(tenant)

    events.dispatch()

    assert api.get(f"{URL}/{event.id}").json()["position"] == 1


@pytest.mark.parametrize(
    "event_type",
    [
        "",
        "order",
        "Order.created",
        "order created",
        ".order",
        "order.",
        "order..created",
        "1order.created",
        "order.*",
        " order.created",
        "order.created\n",
        "bestellung.geändert",
        "a." + "b" * 99,
        7,
        None,
        ["order.created"],
    ],
)
def test_what_names_no_event_is_refused(event_type: object, api: APIClient) -> None:
    response = api.post(URL, {"type": event_type, "data": {}})

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == ["type"]
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    "event_type", ["webhook.subscription.disabled", "webhook.anything", "inbound.stripe.received"]
)
def test_events_of_the_product_cannot_be_forged(event_type: str, api: APIClient) -> None:
    response = api.post(URL, {"type": event_type, "data": {}})

    assert response.status_code == 422
    assert response.json()["details"][0]["code"] == "reserved"
    assert Event.objects.count() == 0


@pytest.mark.parametrize("operation", ["created", "updated", "deleted"])
def test_events_of_records_cannot_be_forged(operation: str, api: APIClient) -> None:
    api.post("/api/v1/record-types", {"slug": "order", "name": "Order"})

    refused = api.post(URL, {"type": f"order.{operation}", "data": {}})
    accepted = api.post(URL, {"type": "order.shipped", "data": {}})

    assert refused.status_code == 422
    assert refused.json()["details"][0]["code"] == "reserved"
    assert accepted.status_code == 201


@pytest.mark.parametrize("data", [None, [], "text", 7, True])
def test_data_is_an_object(data: object, api: APIClient) -> None:
    response = api.post(URL, {"type": "parcel.lost", "data": data})

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == ["data"]


def test_data_has_at_most_256_kib(api: APIClient) -> None:
    room = 256 * 1024 - len('{"text":""}')

    fits = api.post(URL, {"type": "parcel.lost", "data": {"text": "a" * room}})
    too_large = api.post(URL, {"type": "parcel.lost", "data": {"text": "a" * (room + 1)}})

    assert fits.status_code == 201
    assert too_large.status_code == 422
    assert too_large.json()["details"][0]["code"] == "too_large"
    assert Event.objects.count() == 1


@pytest.mark.parametrize("field", ["occurred_at", "id", "position", "actor", "tenant"])
def test_what_the_product_decides_cannot_be_sent(field: str, api: APIClient) -> None:
    response = api.post(URL, {"type": "parcel.lost", "data": {}, field: "x"})

    assert response.status_code == 422
    assert response.json()["details"][0]["path"] == field


def test_data_is_checked_against_the_schema_of_its_type(tenant: Tenant, api: APIClient) -> None:
    row = make_event_type(tenant, "parcel.weighed")
    row.schema = WEIGHED
    row.save(update_fields=["schema"])

    refused = api.post(URL, {"type": "parcel.weighed", "data": {"weight_kg": "much"}})
    accepted = api.post(URL, {"type": "parcel.weighed", "data": {"order": "A-1"}})

    assert refused.status_code == 422
    assert [(each["path"], each["code"]) for each in refused.json()["details"]] == [
        ("data.order", "required"),
        ("data.weight_kg", "type"),
    ]
    assert accepted.status_code == 201
    assert Event.objects.count() == 1


def test_schema_of_an_event_may_use_names_that_records_keep_for_themselves(
    tenant: Tenant, api: APIClient
) -> None:
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}

    defined = api.post("/api/v1/event-types", {"name": "parcel.numbered", "schema": schema})
    published = api.post(URL, {"type": "parcel.numbered", "data": {"id": 7, "changes": 1}})

    assert (defined.status_code, published.status_code) == (201, 201)


@pytest.mark.parametrize("given", ["order.*", "*", "parcel", "parcel.lost,order.*"])
def test_filter_by_what_names_no_type_is_refused(given: str, api: APIClient) -> None:
    answer = api.get(URL, {"type": given})

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")
    assert answer.json()["details"] == [
        {
            "path": "type",
            "code": "invalid",
            "message": (
                "Write whole types, such as order.created;"
                " a star means something in subscriptions only."
            ),
        }
    ]


def test_filters_narrow_the_list(tenant: Tenant, api: APIClient) -> None:
    hour = timedelta(hours=1)
    first = make_event(tenant, "parcel.lost", entity_id="P-1", occurred_at=MOMENT)
    second = make_event(tenant, "parcel.found", entity_id="P-1", occurred_at=MOMENT + hour)
    third = make_event(tenant, "parcel.sold", entity_id="P-2", occurred_at=MOMENT + 2 * hour)
    by_query = {
        "type=parcel.lost": [first],
        "type=parcel.lost,parcel.sold": [third, first],
        "entity_id=P-1": [second, first],
        "correlation_id=cor-1": [third, second, first],
        "correlation_id=cor-2": [],
        "occurred_since=2026-03-01T13:30:15.123456Z": [third, second],
        "occurred_since=2026-03-01T14:30:15.123456%2B01:00": [third, second],
        "occurred_until=2026-03-01T13:30:15.123456Z": [first],
        "type=parcel.found&entity_id=P-1&occurred_since=2026-03-01": [second],
    }

    found = {query: api.get(f"{URL}?{query}").json()["data"] for query in by_query}

    ids = {query: [event["id"] for event in page] for query, page in found.items()}
    assert ids == {query: [event.id for event in page] for query, page in by_query.items()}


@pytest.mark.parametrize(
    "moment",
    [
        "yesterday",
        "2026-13-01",
        "2026-03-01T12:00:00+01:00",  # an unescaped plus is a blank
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_moment_is_refused(moment: str, api: APIClient) -> None:
    response = api.get(f"{URL}?occurred_since={moment}")

    assert response.status_code == 400
    assert response.json()["details"][0]["path"] == "occurred_since"


def test_reading_and_publishing_need_their_scopes(tenant: Tenant) -> None:
    reader, writer = APIClient(), APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant, 'events:read')}")
    writer.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant, 'events:write')}")
    body = {"type": "parcel.lost", "data": {}}

    statuses = [
        (client.get(URL).status_code, client.post(URL, body).status_code)
        for client in (reader, writer)
    ]

    assert statuses == [(200, 403), (403, 201)]
