"""The event types of directories, for the catalogue of event types."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from core.ids import decode
from core.models import Tenant
from core.types import EventTypeInfo, Json
from records.diff import diff
from records.mapping import CompiledMapping, Kind
from scim import describing, mappings
from scim.happenings import EventType
from scim.mappings.paths import ENTERPRISE
from scim.models import Directory

_TEXT: Mapping[str, Json] = {"type": "string"}
_CHANGES: Mapping[str, Json] = {
    "type": "object",
    "description": "What changed, by field: old and new value.",
}
_TYPES: Mapping[Kind, Mapping[str, Json]] = {
    Kind.TEXT: _TEXT,
    Kind.NUMBER: {"type": "number"},
    Kind.INTEGER: {"type": "integer"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.LIST: {"type": "array"},
    Kind.OBJECT: {"type": "object"},
}
_GROUP: Mapping[str, Json] = {
    "type": "object",
    "required": ["id", "display_name"],
    "properties": {"id": _TEXT, "display_name": _TEXT, "external_id": _TEXT},
}
_IDENTITY = "scm_01kb2v8x5fq3t9w6y4n7m0r2c1"
_ANN: Mapping[str, Any] = {
    "externalId": "00u1f3z9",
    "userName": "ann@example.com",
    "displayName": "Ann Ames",
    "name": {"givenName": "Ann", "familyName": "Ames"},
    "emails": [{"value": "ann@example.com", "type": "work", "primary": True}],
    ENTERPRISE: {"department": "Logistics"},
}
_BEFORE: Mapping[str, Any] = {**_ANN, ENTERPRISE: {"department": "Sales"}}
_GONE: Mapping[str, Any] = {**_ANN, "active": False}
_EXAMPLE_TIME = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
_DRIVERS: Mapping[str, Json] = {
    "id": "scm_01kb2v9a7hs4v0x8z6p9q2t4e3",
    "display_name": "Drivers",
}
_SENTENCES = {
    EventType.USER_CREATED: "The identity provider has created a user.",
    EventType.USER_UPDATED: "The identity provider has changed a user.",
    EventType.USER_DEACTIVATED: "The identity provider has deactivated a user, who may no longer"
    " sign in anywhere.",
    EventType.USER_DELETED: "The identity provider has deleted a user; the last state is given.",
    EventType.GROUP_CREATED: "The identity provider has created a group.",
    EventType.GROUP_UPDATED: "The identity provider has renamed or otherwise changed a group.",
    EventType.GROUP_DELETED: "The identity provider has deleted a group, and with it every"
    " membership in it.",
    EventType.USER_ADDED: "A user, or another group, has become a member of a group.",
    EventType.USER_REMOVED: "A user, or another group, is no longer a member of a group.",
}
_RENAMED: Mapping[str, Json] = {
    **_DRIVERS,
    "changes": {"display_name": {"old": "Carriers", "new": "Drivers"}},
}
_CHANGING = (EventType.USER_UPDATED, EventType.USER_DEACTIVATED, EventType.GROUP_UPDATED)


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return the event types of a tenant's directory, none where there is no directory."""
    if not Directory.objects.for_tenant(tenant).exists():
        return []
    mapping = mappings.in_force(decode("ten", tenant.id))
    user, examples = _user_schema(mapping), _examples(mapping)
    return [
        EventTypeInfo(
            name=event_type,
            description=_SENTENCES[event_type],
            schema=_schema(event_type, user),
            example=examples[event_type],
            source="system",
        )
        for event_type in EventType
    ]


def _user_schema(mapping: CompiledMapping) -> Mapping[str, Json]:
    """Return what is known of users: the fields of the mapping in force."""
    fields = {rule.field: _TYPES[rule.kind] for rule in mapping.rules}
    return {
        "type": "object",
        "required": ["id", "user_name", "active"],
        "properties": {"id": _TEXT, "user_name": _TEXT, **fields, "active": {"type": "boolean"}},
    }


def _examples(mapping: CompiledMapping) -> Mapping[EventType, Mapping[str, Json]]:
    """Return examples: what the mapping in force makes of one and the same user."""
    ann, before, gone = (
        describing.user(_IDENTITY, each, mapping, _EXAMPLE_TIME).values
        for each in (_ANN, _BEFORE, _GONE)
    )
    membership: Mapping[str, Json] = {"group": _DRIVERS, "user": ann}
    return {
        EventType.USER_CREATED: ann,
        EventType.USER_UPDATED: {**ann, "changes": cast("Json", diff(before, ann))},
        EventType.USER_DEACTIVATED: {**gone, "changes": cast("Json", diff(ann, gone))},
        EventType.USER_DELETED: gone,
        EventType.GROUP_CREATED: _DRIVERS,
        EventType.GROUP_UPDATED: _RENAMED,
        EventType.GROUP_DELETED: _DRIVERS,
        EventType.USER_ADDED: membership,
        EventType.USER_REMOVED: membership,
    }


def _schema(event_type: EventType, user: Mapping[str, Json]) -> Mapping[str, Json]:
    if event_type in (EventType.USER_ADDED, EventType.USER_REMOVED):
        members: Mapping[str, Json] = {"group": _GROUP, "user": user, "member": _GROUP}
        return {"type": "object", "required": ["group"], "properties": members}
    plain = user if event_type.startswith("user.") else _GROUP
    if event_type not in _CHANGING:
        return plain
    properties = plain["properties"]
    known = properties if isinstance(properties, Mapping) else {}
    return {**plain, "properties": {**known, "changes": _CHANGES}}
