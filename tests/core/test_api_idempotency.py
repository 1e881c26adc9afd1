"""Idempotency keys: a repeat gets the first answer and runs nothing twice."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import ApiKey, Event, IdempotencyKey, Tenant
from tests.makers import make_key
from tests.parallel import in_threads

URL = "/api/v1/events"
BODY = {"type": "parcel.lost", "data": {"b": 1, "a": [1.0, "ü"]}, "entity_id": "P-1"}


def once(key: str = "order-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_repeat_gets_the_first_answer_and_publishes_nothing(api: APIClient) -> None:
    first = api.post(URL, BODY, headers=once())

    again = api.post(URL, BODY, headers=once())

    assert first.status_code == again.status_code == 201
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("post", URL, BODY | {"entity_id": "P-2"}),
        ("post", "/api/v1/event-types", {"name": "parcel.lost"}),
        ("put", "/api/v1/config/api_key", {"value": "v"}),
    ],
    ids=["other body", "other path", "other method"],
)
def test_key_of_another_request_is_refused(
    method: str, url: str, body: dict[str, object], api: APIClient
) -> None:
    api.post(URL, BODY, headers=once())

    response = getattr(api, method)(url, body, headers=once())

    assert response.status_code == 422
    assert response.json()["error"] == "IDEMPOTENCY_KEY_REUSED"
    assert Event.objects.count() == 1


def test_refused_request_is_not_remembered(api: APIClient) -> None:
    refused = api.post(URL, BODY | {"type": "no type"}, headers=once())

    accepted = api.post(URL, BODY, headers=once())

    assert (refused.status_code, accepted.status_code) == (422, 201)
    assert Event.objects.count() == 1


def test_keys_belong_to_one_credential(tenant: Tenant, api: APIClient) -> None:
    other = APIClient()
    other.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant)}")
    api.post(URL, BODY, headers=once())

    response = other.post(URL, BODY | {"entity_id": "P-2"}, headers=once())

    assert response.status_code == 201
    assert Event.objects.count() == 2


def test_key_can_be_used_again_after_24_hours(api: APIClient) -> None:
    api.post(URL, BODY, headers=once())

    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        response = api.post(URL, BODY | {"entity_id": "P-2"}, headers=once())

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers
    assert Event.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "schlüssel", "a\tb"])
def test_malformed_key_is_refused(key: str, api: APIClient) -> None:
    response = api.post(URL, BODY, headers=once(key))

    assert response.status_code == 400
    assert response.json()["error"] == "INVALID_REQUEST"
    assert Event.objects.count() == 0


def test_deleting_can_be_repeated(tenant: Tenant, api: APIClient) -> None:
    api.put("/api/v1/config/api_key", {"value": "v"})

    answers = [api.delete("/api/v1/config/api_key", headers=once()) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert [answer.content for answer in answers] == [b"", b""]


def test_reading_ignores_the_key(api: APIClient) -> None:
    answers = [api.get(URL, headers=once()) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert IdempotencyKey.objects.count() == 0


def test_deeply_nested_answer_can_be_replayed(api: APIClient) -> None:
    nested: object = 1
    for _ in range(61):
        nested = [nested]
    body = BODY | {"data": {"nested": nested}}

    first, again = (api.post(URL, body, headers=once()) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content


def test_secret_in_a_remembered_answer_is_not_stored_in_the_clear(api: APIClient) -> None:
    body = {"name": "canary", "scopes": ["events:read"]}

    first, again = (api.post("/api/v1/api-keys", body, headers=once()) for _ in range(2))

    secret = first.json()["secret"]
    assert again.json()["secret"] == secret
    assert ApiKey.objects.filter(name="canary").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_idempotencykey")
        stored = str(cursor.fetchall())
    assert secret not in stored
    assert secret.removeprefix("pbk_")[11:] not in stored


@pytest.mark.django_db(transaction=True)
def test_of_twenty_simultaneous_repeats_one_is_executed(tenant: Tenant) -> None:
    secret = make_key(tenant)

    def send(number: int) -> tuple[int, bytes]:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        response = client.post(URL, BODY, headers=once())
        return response.status_code, response.content

    answers = in_threads(20, send)

    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert Event.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_repeat_that_waits_for_a_refused_request_is_executed(tenant: Tenant) -> None:
    secret = make_key(tenant)
    bodies = [BODY, BODY | {"type": "no type"}]

    def send(number: int) -> int:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return int(
            client.post(URL, bodies[number % 2], headers=once(f"key-{number // 2}")).status_code
        )

    statuses = in_threads(8, send)

    assert sorted(statuses) == [201] * 4 + [422] * 4
    assert Event.objects.count() == 4
