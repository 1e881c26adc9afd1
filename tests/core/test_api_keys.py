"""API keys through the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import ApiKey, AuditEntry, Tenant
from tests.makers import make_key, make_key_row
from tests.parallel import in_threads

URL = "/api/v1/api-keys"
NEW = {"name": "Reporting", "scopes": ["records:read", "events:read"]}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def client_of(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=secret)
    return client


def test_secret_of_a_new_key_works_and_is_shown_once(api: APIClient) -> None:
    response = api.post(URL, NEW)

    created = response.json()
    secret = created.pop("secret")
    me = client_of(secret).get("/api/v1/me").json()
    assert response.status_code == 201
    assert secret.startswith(f"pbk_{created['prefix']}_")
    assert created["scopes"] == me["scopes"] == ["events:read", "records:read"]
    assert me["id"] == created["id"]
    shown = api.get(f"{URL}/{created['id']}")
    assert "secret" not in shown.json()
    assert secret not in shown.content.decode() + api.get(URL).content.decode()


def test_secret_is_stored_nowhere(api: APIClient) -> None:
    secret = api.post(URL, NEW).json()["secret"]

    with connection.cursor() as cursor:
        stored = ""
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            stored += str(cursor.fetchall())

    assert secret not in stored
    assert secret.split("_", 2)[2] not in stored


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": "n" * 201}, "name", "max_length"),
        ({"scopes": []}, "scopes", "empty"),
        ({"scopes": "events:read"}, "scopes", "not_a_list"),
        ({"scopes": ["events:admin"]}, "scopes[0]", "invalid_choice"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "past"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at", "overflow"),
        ({"expires_at": "soon"}, "expires_at", "invalid"),
        ({"rate_limit": 1_000_000}, "rate_limit", "unknown"),
    ],
)
def test_key_that_cannot_be_is_refused_with_the_place(
    change: dict[str, object], path: str, code: str, api: APIClient
) -> None:
    response = api.post(URL, NEW | change)

    assert response.status_code == 422
    details = response.json()["details"]
    assert [(detail["path"], detail["code"]) for detail in details] == [(path, code)]
    assert ApiKey.objects.count() == 1


def test_nobody_hands_out_scopes_they_do_not_have(tenant: Tenant) -> None:
    client = client_of(make_key(tenant, "api-keys:write", "events:read"))

    refused = client.post(URL, NEW)
    accepted = client.post(URL, NEW | {"scopes": ["events:read"]})

    assert refused.status_code == 403
    assert refused.json()["error"] == "SCOPE_NOT_HELD"
    assert accepted.status_code == 201
    assert ApiKey.objects.count() == 2


def test_nobody_gets_the_secret_of_a_stronger_key_by_rotating_it(tenant: Tenant) -> None:
    strong = make_key_row(tenant)
    client = client_of(make_key(tenant, "api-keys:write"))

    response = client.post(f"{URL}/{strong.id}/rotate", {})

    assert response.status_code == 403
    assert response.json()["error"] == "SCOPE_NOT_HELD"
    strong.refresh_from_db()
    assert strong.replaced_by is None
    assert ApiKey.objects.count() == 2


def test_limit_that_staff_set_holds_for_further_keys(tenant: Tenant, api: APIClient) -> None:
    ApiKey.objects.for_tenant(tenant).update(rate_limit=7)

    created = api.post(URL, NEW).json()

    assert created["rate_limit"] == 7


def test_rotated_key_works_until_the_overlap_ends(tenant: Tenant, api: APIClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        old = api.post(URL, NEW).json()
        new = api.post(f"{URL}/{old['id']}/rotate", {"overlap_hours": 2}).json()
        during = [client_of(each["secret"]).get("/api/v1/me").status_code for each in (old, new)]
        clock.shift(timedelta(hours=2))
        after = [client_of(each["secret"]).get("/api/v1/me").status_code for each in (old, new)]

    assert during == [200, 200]
    assert after == [401, 200]
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    shown = api.get(f"{URL}/{old['id']}").json()
    assert shown["replaced_by"] == new["id"]
    assert shown["expires_at"] == "2026-03-01T14:00:00Z"


def test_rotated_key_lives_as_long_again(api: APIClient) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        old = api.post(URL, NEW | {"expires_at": "2026-03-11T12:00:00Z"}).json()
        clock.shift(timedelta(days=4))
        new = api.post(f"{URL}/{old['id']}/rotate", {}).json()

    assert new["expires_at"] == "2026-03-15T12:00:00Z"


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "x", None])
def test_overlap_is_bounded(hours: object, tenant: Tenant, api: APIClient) -> None:
    key = make_key_row(tenant)

    response = api.post(f"{URL}/{key.id}/rotate", {"overlap_hours": hours})

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == ["overlap_hours"]


def test_revoked_key_stops_at_once_and_cannot_be_rotated(api: APIClient) -> None:
    key = api.post(URL, NEW).json()

    answers = [api.delete(f"{URL}/{key['id']}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert client_of(key["secret"]).get("/api/v1/me").status_code == 401
    assert api.post(f"{URL}/{key['id']}/rotate", {}).status_code == 409
    assert api.get(f"{URL}/{key['id']}").json()["revoked_at"] is not None
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_rotations_one_succeeds(tenant: Tenant) -> None:
    secret, key = make_key(tenant), make_key_row(tenant)

    def rotate(number: int) -> int:
        client = client_of(secret)
        return int(client.post(f"{URL}/{key.id}/rotate", {}, format="json").status_code)

    statuses = in_threads(6, rotate)

    assert sorted(statuses) == [201] + [409] * 5
    assert ApiKey.objects.count() == 3


def test_last_use_is_noted_to_the_minute(tenant: Tenant, api: APIClient) -> None:
    key = ApiKey.objects.get()
    with time_machine.travel(NOW, tick=False) as clock:
        api.get("/api/v1/me")
        clock.shift(timedelta(seconds=59))
        api.get("/api/v1/me")

    key.refresh_from_db()
    assert key.last_used_at == NOW
    assert key.expires_at is None
    assert timezone.is_aware(key.created_at)
