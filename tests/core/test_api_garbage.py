"""What no endpoint may accept, sent to every endpoint of core that takes a body."""

import pytest
from rest_framework.test import APIClient

from core.models import ApiKey, AuditEntry, ConfigValue, Event, EventType, IdempotencyKey, Tenant
from tests.garbage import MALFORMED, MISSHAPEN, Garbage, send
from tests.makers import make_event_type, make_key_row

ENDPOINTS = [
    ("post", "/api/v1/events"),
    ("post", "/api/v1/event-types"),
    ("put", "/api/v1/event-types/parcel.dispatched"),
    ("patch", "/api/v1/event-types/parcel.dispatched"),
    ("post", "/api/v1/api-keys"),
    ("post", "/api/v1/api-keys/{key}/rotate"),
    ("put", "/api/v1/config/api_key"),
]
STORED = (ApiKey, AuditEntry, ConfigValue, Event, EventType, IdempotencyKey)


def stored() -> list[int]:
    return [model.objects.count() for model in STORED]


@pytest.mark.parametrize("garbage", [*MALFORMED, *MISSHAPEN], ids=str)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_garbage_is_refused_in_the_envelope_and_nothing_is_written(
    method: str, path: str, garbage: Garbage, tenant: Tenant, api: APIClient
) -> None:
    make_event_type(tenant)
    url = path.format(key=make_key_row(tenant).id)
    before = stored()

    response = send(api, method, url, garbage)

    answer = response.json()
    assert (response.status_code, answer["error"]) == (garbage.status, garbage.error)
    assert answer["success"] is False
    assert answer["message"] != ""
    assert answer["request_id"] == response.headers["X-Request-ID"]
    assert stored() == before


@pytest.mark.parametrize("garbage", [*MALFORMED, *MISSHAPEN], ids=str)
def test_refused_garbage_leaves_its_idempotency_key_unused(
    garbage: Garbage, api: APIClient
) -> None:
    key = {"Idempotency-Key": "once"}

    refused = send(api, "post", "/api/v1/events", garbage, **key)
    accepted = api.post("/api/v1/events", {"type": "parcel.lost", "data": {}}, headers=key)

    assert (refused.status_code, refused.json()["error"]) == (garbage.status, garbage.error)
    assert accepted.status_code == 201
    assert "Idempotency-Replayed" not in accepted.headers


@pytest.mark.parametrize(
    "url",
    [
        "/api/v1/events/nothing",
        "/api/v1/events/evt_",
        "/api/v1/events/evt_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "/api/v1/events/key_01jd3k8x5rf0bv6zq2n9y4t7hm",
        "/api/v1/events/" + "e" * 3000,
        "/api/v1/events/%F0%9F%92%A9",
        "/api/v1/events/%ff%fe",
        "/api/v1/api-keys/1",
        "/api/v1/event-types/" + "a." * 500,
        "/api/v1/event-types/%27%20OR%201=1--",
        "/api/v1/config/UPPER",
        "/api/v1/events/",
        "/api/v1/nothing",
        "/api/v2/events",
    ],
)
def test_what_is_no_id_or_no_url_is_not_found(url: str, api: APIClient) -> None:
    response = api.get(url) if "config" not in url else api.delete(url)

    assert response.status_code == 404
    assert response.json()["error"] == "NOT_FOUND"


def test_nul_in_a_url_is_refused(api: APIClient) -> None:
    in_path = api.get("/api/v1/events/a%00b")
    in_query = api.get("/api/v1/events?entity_id=a%00b")

    assert [in_path.status_code, in_query.status_code] == [400, 400]
    assert in_path.json()["error"] == in_query.json()["error"] == "INVALID_REQUEST"
