"""Users and groups as the product and its subscribers see them, whatever the identity provider calls things."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.types import Json
from records.mapping import CompiledMapping, Mapped


def user(identity: str, data: Mapping[str, Any], mapping: CompiledMapping, now: datetime) -> Mapped:
    """Return a user: the fields of the mapping, and always ``id``, ``user_name`` and ``active``."""
    mapped = mapping.apply(data, now=now)
    fields: dict[str, Json] = {"id": identity}
    if data.get("userName") is not None:
        fields["user_name"] = data["userName"]
    fields |= mapped.values
    fields["active"] = data.get("active") is not False
    return Mapped(fields, mapped.problems)


def group(identity: str, data: Mapping[str, Any]) -> Mapped:
    """Return a group, without its members."""
    described: dict[str, Json] = {"id": identity, "display_name": data.get("displayName")}
    if data.get("externalId") is not None:
        described["external_id"] = data["externalId"]
    return Mapped(described)
