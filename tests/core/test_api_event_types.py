"""The catalogue of event types through the API."""

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry, EventType, Tenant
from tests.makers import make_event_type

URL = "/api/v1/event-types"
DEFINITION = {
    "description": "A parcel was weighed.",
    "schema": {
        "type": "object",
        "required": ["weight_kg"],
        "properties": {"weight_kg": {"type": "number"}, "box": {"type": "string"}},
    },
    "example": {"weight_kg": 2.4, "box": "L"},
}
NEW = {"name": "parcel.weighed", **DEFINITION}


def test_defined_type_stands_in_the_catalogue_as_it_was_sent(api: APIClient) -> None:
    response = api.post(URL, NEW)

    assert response.status_code == 201
    assert response.json() == {**NEW, "source": "custom"}
    assert list(response.json()["schema"]) == ["type", "required", "properties"]
    assert response.headers["Location"] == f"{URL}/parcel.weighed"
    assert api.get(f"{URL}/parcel.weighed").json() == response.json()
    assert AuditEntry.objects.filter(action="event_type.created").count() == 1


def test_catalogue_holds_custom_types_those_of_records_and_our_own(api: APIClient) -> None:
    api.post("/api/v1/record-types", {"slug": "order", "name": "Order"})
    api.post(URL, NEW)

    infos = api.get(URL).json()["data"]

    by_source = {info["name"]: info["source"] for info in infos}
    assert by_source == {
        "order.created": "record type",
        "order.deleted": "record type",
        "order.updated": "record type",
        "parcel.weighed": "custom",
        "webhook.subscription.disabled": "system",
        "webhook.subscription.failing": "system",
    }
    assert [info["name"] for info in infos] == sorted(by_source)


def test_name_is_taken_once(tenant: Tenant, api: APIClient) -> None:
    api.post(URL, NEW)

    response = api.post(URL, NEW)

    assert response.status_code == 409
    assert response.json()["error"] == "CONFLICT"
    assert EventType.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "weighed"}, "name"),
        ({"name": "webhook.sent"}, "name"),
        ({"name": "x." + "y" * 99}, "name"),
        ({"schema": {"type": "nonsense"}}, "schema.type"),
        ({"schema": {"type": "object", "$ref": "https://127.0.0.1/schema"}}, "schema.$ref"),
        ({"schema": []}, "schema"),
        ({"schema": "{}"}, "schema"),
        ({"example": {"weight_kg": "heavy"}}, "example.weight_kg"),
        ({"example": {"box": "L"}}, "example.weight_kg"),
        ({"example": 7}, "example"),
        ({"description": "d" * 501}, "description"),
        ({"source": "system"}, "source"),
    ],
)
def test_definition_that_cannot_be_is_refused_with_the_place(
    change: dict[str, object], path: str, api: APIClient
) -> None:
    response = api.post(URL, NEW | change)

    assert response.status_code == 422
    assert [detail["path"] for detail in response.json()["details"]] == [path]
    assert EventType.objects.count() == 0


def test_put_replaces_and_patch_changes(tenant: Tenant, api: APIClient) -> None:
    api.post(URL, NEW)

    patched = api.patch(f"{URL}/parcel.weighed", {"description": "Weighed."}).json()
    replaced = api.put(f"{URL}/parcel.weighed", {"description": "Anew."}).json()

    assert patched == {**NEW, "source": "custom", "description": "Weighed."}
    assert replaced == {
        "name": "parcel.weighed",
        "description": "Anew.",
        "schema": {},
        "example": {},
        "source": "custom",
    }
    assert AuditEntry.objects.filter(action="event_type.changed").count() == 2


def test_deleted_type_leaves_the_catalogue(tenant: Tenant, api: APIClient) -> None:
    make_event_type(tenant, "parcel.weighed")

    response = api.delete(f"{URL}/parcel.weighed")

    assert (response.status_code, response.content) == (204, b"")
    assert api.get(f"{URL}/parcel.weighed").status_code == 404
    assert EventType.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_types_of_the_product_cannot_be_changed(method: str, api: APIClient) -> None:
    url = f"{URL}/webhook.subscription.disabled"
    before = api.get(url).json()

    response = getattr(api, method)(url, {})

    assert response.status_code == 409
    assert api.get(url).json() == before


def test_tenants_can_define_the_same_name(
    tenant: Tenant, api: APIClient, stranger_api: APIClient
) -> None:
    api.post(URL, NEW)

    response = stranger_api.post(URL, NEW | {"description": "Theirs."})
    stranger_api.delete(f"{URL}/parcel.weighed")

    assert response.status_code == 201
    assert api.get(f"{URL}/parcel.weighed").json()["description"] == "A parcel was weighed."
