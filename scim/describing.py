"""Users and groups as the product and its subscribers see them, whatever the identity provider calls things."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.types import Json

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_PLAIN = {
    "external_id": "externalId",
    "user_name": "userName",
    "display_name": "displayName",
    "title": "title",
    "locale": "locale",
    "timezone": "timezone",
}
_OF_THE_NAME = {"given_name": "givenName", "family_name": "familyName"}
_OF_THE_ENTERPRISE = {
    "employee_number": "employeeNumber",
    "department": "department",
    "division": "division",
    "organization": "organization",
    "cost_center": "costCenter",
}


def user(identity: str, data: Mapping[str, Any]) -> dict[str, Json]:
    """Return a user: fields that have a value, and always ``id``, ``user_name`` and ``active``."""
    name, enterprise = data.get("name") or {}, data.get(ENTERPRISE) or {}
    manager = enterprise.get("manager") or {}
    fields: dict[str, Json] = {field: data.get(key) for field, key in _PLAIN.items()}
    fields |= {field: name.get(key) for field, key in _OF_THE_NAME.items()}
    fields["email"] = _main(data.get("emails"))
    fields["phone_number"] = _main(data.get("phoneNumbers"))
    fields |= {field: enterprise.get(key) for field, key in _OF_THE_ENTERPRISE.items()}
    fields["manager_id"] = manager.get("value")
    known = {field: value for field, value in fields.items() if value is not None}
    return {"id": identity, **known, "active": data.get("active") is not False}


def group(identity: str, data: Mapping[str, Any]) -> dict[str, Json]:
    """Return a group, without its members."""
    described: dict[str, Json] = {"id": identity, "display_name": data.get("displayName")}
    if data.get("externalId") is not None:
        described["external_id"] = data["externalId"]
    return described


def _main(entries: Sequence[Mapping[str, Any]] | None) -> Json:
    """Return the value of the primary entry that has one, or else of the first."""
    filled = [entry for entry in entries or () if entry.get("value")]
    ranked = sorted(filled, key=lambda entry: entry.get("primary") is not True)
    found: Json = ranked[0]["value"] if ranked else None
    return found
