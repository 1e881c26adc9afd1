"""What happened in a directory, collected while it is written and published with it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from scim2_models import BulkOperation, Error

from core import events
from core.ids import encode
from core.models import Event, Tenant
from core.types import Json
from records.diff import diff
from scim import describing, journal
from scim.filters.columns import ID_PREFIX
from scim.journal import Members, Origin
from scim.schemas.service import USER
from scim.storage import rows
from scim.storage.memberships import Delta
from scim.storage.rows import Row


class EventType(StrEnum):
    """The events of directories."""

    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_DEACTIVATED = "user.deactivated"
    USER_DELETED = "user.deleted"
    GROUP_CREATED = "group.created"
    GROUP_UPDATED = "group.updated"
    GROUP_DELETED = "group.deleted"
    USER_ADDED = "group.user_added"
    USER_REMOVED = "group.user_removed"


_CREATED = {USER: EventType.USER_CREATED, "Group": EventType.GROUP_CREATED}
_UPDATED = {USER: EventType.USER_UPDATED, "Group": EventType.GROUP_UPDATED}
_DELETED = {USER: EventType.USER_DELETED, "Group": EventType.GROUP_DELETED}


class Happenings:
    """The events of one transaction, in their order."""

    def __init__(self, tenant: Tenant, origin: Origin) -> None:
        self.tenant = tenant
        self.origin = origin
        self._drafts: list[Event] = []
        self._members = Members()

    def clear(self) -> None:
        """Forget what did not come to pass."""
        self._drafts = []
        self._members = Members()

    def publish(self) -> None:
        """Write the events and the log, in the transaction of what they tell of."""
        if self._drafts:
            events.publish_many(self.tenant, self._drafts)
            journal.changed(self.tenant, self.origin, self._drafts, self._members)
        self.clear()

    def refused(self, operation: "BulkOperation[Any]", error: Error) -> None:
        """Write down that one operation of a bulk request was refused."""
        method = operation.method.value if operation.method else ""
        origin = replace(self.origin, method=method, path=f"/Bulk {operation.path or ''}")
        journal.refused(self.tenant, origin, error)

    def created(self, row: Row) -> None:
        """Say that a resource has come."""
        self._add(_CREATED[row.kind], row.id, described(row), row.created_at)

    def changed(self, before: Row, after: Row) -> None:
        """Say that a resource has other attributes; that a user is no longer active says more."""
        old, new = described(before), described(after)
        event_type = _UPDATED[after.kind]
        if old.get("active") is True and new.get("active") is False:
            event_type = EventType.USER_DEACTIVATED
        changes = cast("Mapping[str, Json]", diff(old, new))
        self._add(event_type, after.id, {**new, "changes": changes}, after.updated_at)

    def deleted(self, row: Row, now: datetime) -> None:
        """Say that a resource is gone."""
        self._add(_DELETED[row.kind], row.id, described(row), now)

    def members_changed(self, group: Row, delta: Delta, now: datetime) -> None:
        """Say who came into a group and who left it."""
        came, went = sorted(delta.added), sorted(delta.removed)
        self._members.added += len(came)
        self._members.removed += len(went)
        self._members.unknown += len(delta.unknown)
        unread = [key for key in (*came, *went) if key not in delta.known]
        known = {**delta.known, **{row.key: row for row in rows.find_all(unread)}}
        for event_type, keys in ((EventType.USER_REMOVED, went), (EventType.USER_ADDED, came)):
            self._add_members(event_type, group, [known[key] for key in keys if key in known], now)

    def left(self, groups: Sequence[UUID], member: Row, now: datetime) -> None:
        """Say that somebody has left some groups."""
        self._members.removed += len(groups)
        for group in sorted(rows.find_all(groups)):
            self._add_members(EventType.USER_REMOVED, group, [member], now)

    def joined(self, groups: Sequence[UUID], member: Row, now: datetime) -> None:
        """Say that somebody has come into some groups."""
        self._members.added += len(groups)
        for group in sorted(rows.find_all(groups)):
            self._add_members(EventType.USER_ADDED, group, [member], now)

    def _add_members(
        self, event_type: EventType, group: Row, members: Sequence[Row], now: datetime
    ) -> None:
        shown = described(group)
        for member in members:
            if member.kind == USER:
                data: dict[str, Json] = {"group": shown, "user": described(member)}
            else:
                data = {"group": shown, "member": described(member)}
            self._add(event_type, group.id, data, now)

    def _add(
        self, event_type: EventType, identity: str, data: Mapping[str, Json], at: datetime
    ) -> None:
        draft = events.draft(
            self.tenant,
            event_type,
            data,
            actor=self.origin.actor,
            occurred_at=at,
            entity_id=identity,
        )
        self._drafts.append(draft)


def described(row: Row) -> dict[str, Json]:
    """Return a resource as events tell of it."""
    data: dict[str, Any] = json.loads(row.data)
    identity = encode(ID_PREFIX, row.key)
    return describing.user(identity, data) if row.kind == USER else describing.group(identity, data)
