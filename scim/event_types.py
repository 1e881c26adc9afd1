"""The event types of directories, for the catalogue of event types."""

from collections.abc import Mapping, Sequence

from core.models import Tenant
from core.types import EventTypeInfo, Json
from scim.happenings import EventType
from scim.models import Directory

_TEXT: Mapping[str, Json] = {"type": "string"}
_CHANGES: Mapping[str, Json] = {
    "type": "object",
    "description": "What changed, by field: old and new value.",
}
_USER_FIELDS = (
    "external_id",
    "user_name",
    "display_name",
    "title",
    "locale",
    "timezone",
    "given_name",
    "family_name",
    "email",
    "phone_number",
    "employee_number",
    "department",
    "division",
    "organization",
    "cost_center",
    "manager_id",
)
_USER: Mapping[str, Json] = {
    "type": "object",
    "required": ["id", "user_name", "active"],
    "properties": {
        "id": _TEXT,
        **dict.fromkeys(_USER_FIELDS, _TEXT),
        "active": {"type": "boolean"},
    },
}
_GROUP: Mapping[str, Json] = {
    "type": "object",
    "required": ["id", "display_name"],
    "properties": {"id": _TEXT, "display_name": _TEXT, "external_id": _TEXT},
}
_MEMBERSHIP: Mapping[str, Json] = {
    "type": "object",
    "required": ["group"],
    "properties": {"group": _GROUP, "user": _USER, "member": _GROUP},
}
_ANN: Mapping[str, Json] = {
    "id": "scm_01kb2v8x5fq3t9w6y4n7m0r2c1",
    "external_id": "00u1f3z9",
    "user_name": "ann@example.com",
    "display_name": "Ann Ames",
    "given_name": "Ann",
    "family_name": "Ames",
    "email": "ann@example.com",
    "department": "Logistics",
    "active": True,
}
_DRIVERS: Mapping[str, Json] = {
    "id": "scm_01kb2v9a7hs4v0x8z6p9q2t4e3",
    "display_name": "Drivers",
}
_GONE: Mapping[str, Json] = {**_ANN, "active": False}
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
_EXAMPLES: Mapping[EventType, Mapping[str, Json]] = {
    EventType.USER_CREATED: _ANN,
    EventType.USER_UPDATED: {
        **_ANN,
        "changes": {"department": {"old": "Sales", "new": "Logistics"}},
    },
    EventType.USER_DEACTIVATED: {**_GONE, "changes": {"active": {"old": True, "new": False}}},
    EventType.USER_DELETED: _GONE,
    EventType.GROUP_CREATED: _DRIVERS,
    EventType.GROUP_UPDATED: {
        **_DRIVERS,
        "changes": {"display_name": {"old": "Carriers", "new": "Drivers"}},
    },
    EventType.GROUP_DELETED: _DRIVERS,
    EventType.USER_ADDED: {"group": _DRIVERS, "user": _ANN},
    EventType.USER_REMOVED: {"group": _DRIVERS, "user": _ANN},
}
_CHANGING = (EventType.USER_UPDATED, EventType.USER_DEACTIVATED, EventType.GROUP_UPDATED)


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return the event types of a tenant's directory, none where there is no directory."""
    if not Directory.objects.for_tenant(tenant).exists():
        return []
    return [
        EventTypeInfo(
            name=event_type,
            description=_SENTENCES[event_type],
            schema=_schema(event_type),
            example=_EXAMPLES[event_type],
            source="system",
        )
        for event_type in EventType
    ]


def _schema(event_type: EventType) -> Mapping[str, Json]:
    if event_type in (EventType.USER_ADDED, EventType.USER_REMOVED):
        return _MEMBERSHIP
    plain = _USER if event_type.startswith("user.") else _GROUP
    if event_type not in _CHANGING:
        return plain
    properties = plain["properties"]
    known = properties if isinstance(properties, Mapping) else {}
    return {**plain, "properties": {**known, "changes": _CHANGES}}
