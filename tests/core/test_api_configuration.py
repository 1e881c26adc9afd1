"""Configuration values through the API, and what a caller learns of itself."""

import pytest
from django.db import connection
from rest_framework.test import APIClient

from core.models import AuditEntry, ConfigValue, Tenant
from tests.makers import make_config_value

URL = "/api/v1/config"
CANARY = "canary-4f2a9c"


def test_value_is_set_and_never_shown(tenant: Tenant, api: APIClient) -> None:
    body = {"value": f" {CANARY}\n", "description": "Of the warehouse"}

    response = api.put(f"{URL}/api_key", body, HTTP_IDEMPOTENCY_KEY="once")

    listed = api.get(URL)
    assert response.status_code == 200
    assert set(response.json()) == {"name", "description", "updated_at"}
    assert listed.json()["data"] == [response.json()]
    assert CANARY not in response.content.decode() + listed.content.decode()
    assert ConfigValue.objects.get().value == f" {CANARY}\n"
    with connection.cursor() as cursor:
        stored = ""
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            stored += str(cursor.fetchall())
    assert CANARY not in stored


def test_value_is_replaced_and_its_description_kept(tenant: Tenant, api: APIClient) -> None:
    api.put(f"{URL}/api_key", {"value": "old", "description": "Of the warehouse"})

    response = api.put(f"{URL}/api_key", {"value": "new"})

    assert response.json()["description"] == "Of the warehouse"
    assert ConfigValue.objects.for_tenant(tenant).as_dict() == {"api_key": "new"}
    actions = AuditEntry.objects.filter(action__startswith="config_value.").order_by("id")
    assert [entry.action for entry in actions] == [
        "config_value.created",
        "config_value.replaced",
    ]


@pytest.mark.parametrize("name", ["API_KEY", "1key", "_key", "k" * 64, "a-b", "%20", "ключ"])
def test_name_that_templates_cannot_write_is_refused(name: str, api: APIClient) -> None:
    response = api.put(f"{URL}/{name}", {"value": "v"})

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == ["name"]
    assert ConfigValue.objects.count() == 0


@pytest.mark.parametrize("value", ["", None, {"a": 1}, [1], True, "v" * 10_001])
def test_value_is_text_of_bounded_length(value: object, api: APIClient) -> None:
    response = api.put(f"{URL}/api_key", {"value": value})

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == ["value"]


def test_deleted_value_is_gone(tenant: Tenant, api: APIClient) -> None:
    make_config_value(tenant)

    statuses = [api.delete(f"{URL}/api_key").status_code for _ in range(2)]

    assert statuses == [204, 404]
    assert ConfigValue.objects.count() == 0
    assert AuditEntry.objects.filter(action="config_value.deleted").count() == 1


def test_tenants_have_values_of_their_own(
    tenant: Tenant, api: APIClient, stranger: Tenant, stranger_api: APIClient
) -> None:
    api.put(f"{URL}/api_key", {"value": "ours"})

    stranger_api.put(f"{URL}/api_key", {"value": "theirs"})

    assert ConfigValue.objects.for_tenant(tenant).as_dict() == {"api_key": "ours"}
    assert ConfigValue.objects.for_tenant(stranger).as_dict() == {"api_key": "theirs"}


def test_caller_learns_what_its_credential_is(tenant: Tenant, api: APIClient) -> None:
    response = api.get("/api/v1/me")

    answer = response.json()
    assert answer["kind"] == "api_key"
    assert answer["label"] == "test key"
    assert answer["tenant"] == {"id": tenant.id, "slug": "acme", "name": "Acme"}
    assert answer["rate_limit"] == 600
    assert "config:write" in answer["scopes"]
    assert response.headers["Cache-Control"] == "no-store"
