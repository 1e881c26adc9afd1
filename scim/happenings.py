"""What happened in a directory, collected while it is written and published with it."""

import json
from collections.abc import Iterable, Mapping, Sequence
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
from records.mapping import CompiledMapping, Mapped, Problem
from scim import describing, journal, mappings
from scim.access import settle
from scim.filters.columns import ID_PREFIX
from scim.journal import Members, Origin
from scim.profiles.types import Firing
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


MAPPING, ACCOUNT = "attribute-mapping", "account"
MAX_PROBLEMS = 100

_CREATED = {USER: EventType.USER_CREATED, "Group": EventType.GROUP_CREATED}
_UPDATED = {USER: EventType.USER_UPDATED, "Group": EventType.GROUP_UPDATED}
_DELETED = {USER: EventType.USER_DELETED, "Group": EventType.GROUP_DELETED}


class Happenings:
    """The events of one transaction, in their order."""

    def __init__(self, tenant: Tenant, origin: Origin, mapping: CompiledMapping) -> None:
        self.tenant = tenant
        self.origin = origin
        self._mapping = mapping
        self._drafts: list[Event] = []
        self._members = Members()
        self._problems: set[Problem] = set()
        self._concerned: set[UUID] = set()
        self._refused: list[str] = []

    def clear(self) -> None:
        """Forget what did not come to pass."""
        self._drafts = []
        self._members = Members()
        self._problems = set()
        self._concerned = set()
        self._refused = []

    def settle(self) -> None:
        """Bring what people may do here in step with what has happened, in the same transaction."""
        self._refused = settle(self.tenant, self._concerned, self.origin.actor)

    def publish(self) -> None:
        """Write the events and the log, in the transaction of what they tell of."""
        if self._drafts:
            events.publish_many(self.tenant, self._drafts)
            journal.changed(self.tenant, self._origin(), self._drafts, self._members)
        self.clear()

    def _origin(self) -> Origin:
        """Return where it comes from, with what the mapping could not make."""
        if not self._problems and not self._refused:
            return self.origin
        refused = [Firing(rule=ACCOUNT, where=each) for each in self._refused[:MAX_PROBLEMS]]
        more = (*firings(self._problems), *refused)
        return replace(self.origin, firings=(*self.origin.firings, *more))

    def refused(self, operation: "BulkOperation[Any]", error: Error) -> None:
        """Write down that one operation of a bulk request was refused."""
        method = operation.method.value if operation.method else ""
        origin = replace(self.origin, method=method, path=f"/Bulk {operation.path or ''}")
        journal.refused(self.tenant, origin, error)

    def created(self, row: Row) -> None:
        """Say that a resource has come."""
        self._concerned.add(row.key)
        described = self._described(row, row.created_at)
        self._add(_CREATED[row.kind], row.id, described, row.created_at)

    def changed(self, before: Row, after: Row) -> None:
        """Say that a resource has other attributes; that a user is no longer active says more."""
        self._concerned.add(after.key)
        # Both at the same moment, so that no expression sees time pass between them.
        now = after.updated_at
        old, new = self._described(before, now, collects=False), self._described(after, now)
        event_type = _UPDATED[after.kind]
        if old.get("active") is True and new.get("active") is False:
            event_type = EventType.USER_DEACTIVATED
        changes = cast("Mapping[str, Json]", diff(old, new))
        self._add(event_type, after.id, {**new, "changes": changes}, now)

    def deleted(self, row: Row, now: datetime) -> None:
        """Say that a resource is gone."""
        self._concerned.add(row.key)
        self._add(_DELETED[row.kind], row.id, self._described(row, now), now)

    def members_changed(self, group: Row, delta: Delta, now: datetime) -> None:
        """Say who came into a group and who left it."""
        came, went = sorted(delta.added), sorted(delta.removed)
        self._concerned.update(came, went)
        self._members.added += len(came)
        self._members.removed += len(went)
        self._members.unknown += len(delta.unknown)
        unread = [key for key in (*came, *went) if key not in delta.known]
        known = {**delta.known, **{row.key: row for row in rows.find_all(unread)}}
        for event_type, keys in ((EventType.USER_REMOVED, went), (EventType.USER_ADDED, came)):
            self._add_members(event_type, group, [known[key] for key in keys if key in known], now)

    def left(self, groups: Sequence[UUID], member: Row, now: datetime) -> None:
        """Say that somebody has left some groups."""
        self._concerned.add(member.key)
        self._members.removed += len(groups)
        for group in sorted(rows.find_all(groups)):
            self._add_members(EventType.USER_REMOVED, group, [member], now)

    def emptied(self, members: Iterable[UUID]) -> None:
        """Say that a group is gone that had members; nothing tells of each of them."""
        self._concerned.update(members)

    def joined(self, groups: Sequence[UUID], member: Row, now: datetime) -> None:
        """Say that somebody has come into some groups."""
        self._concerned.add(member.key)
        self._members.added += len(groups)
        for group in sorted(rows.find_all(groups)):
            self._add_members(EventType.USER_ADDED, group, [member], now)

    def _add_members(
        self, event_type: EventType, group: Row, members: Sequence[Row], now: datetime
    ) -> None:
        shown = self._described(group, now)
        for member in members:
            name = "user" if member.kind == USER else "member"
            data = {"group": shown, name: self._described(member, now)}
            self._add(event_type, group.id, data, now)

    def _described(self, row: Row, now: datetime, *, collects: bool = True) -> Mapping[str, Json]:
        if row.kind != USER:
            return described(row, mappings.built_in(), now).values
        mapped = described(row, self._mapping, now)
        if collects:
            self._problems.update(mapped.problems)
        return mapped.values

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


def described(row: Row, mapping: CompiledMapping, now: datetime) -> Mapped:
    """Return a resource as events tell of it, at the time ``now``."""
    data: dict[str, Any] = json.loads(row.data)
    identity = encode(ID_PREFIX, row.key)
    if row.kind == USER:
        return describing.user(identity, data, mapping, now)
    return describing.group(identity, data)


def firings(problems: Iterable[Problem]) -> list[Firing]:
    """Return what a mapping could not make as the log tells of it."""
    found = sorted(f"{each.field}: {each.message}" for each in problems)
    return [Firing(rule=MAPPING, where=each) for each in found[:MAX_PROBLEMS]]
