"""Rows of ``scim_membership``: changed as sets, never read one by one."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from scim2_models import InvalidValueException

from core.ids import decode, encode
from core.models import Tenant
from core.sql import moment_value, on_postgresql, read_uuid, run, uuid_value
from scim.filters.columns import ID_PREFIX
from scim.storage.rows import COLUMNS, Row, read

DIRECT, INDIRECT = "direct", "indirect"
_IDS = "unnest(%s::uuid[]) AS given(id)"
_IDS_ON_SQLITE = "(SELECT value AS id FROM json_each(%s)) AS given"
_TEXTS = "unnest(%s::text[]) AS given(id)"
# The locks keep a user from being deleted while it is added; all take them in the same order.
_KNOWN = """SELECT {columns} FROM scim_resource r JOIN {given} ON r.id = given.id
 WHERE r.tenant_id = %s AND r.deleted_at IS NULL ORDER BY r.id {lock}"""
_ADD = """INSERT INTO scim_membership (tenant_id, group_id, member_id, unknown_id, created_at)
 SELECT %s, %s, given.id, '', %s FROM {given} WHERE true ON CONFLICT DO NOTHING RETURNING member_id"""
_NOTE = """INSERT INTO scim_membership (tenant_id, group_id, member_id, unknown_id, created_at)
 SELECT %s, %s, NULL, given.id, %s FROM {given} WHERE true ON CONFLICT DO NOTHING RETURNING unknown_id"""
_REMOVE = """DELETE FROM scim_membership WHERE group_id = %s AND member_id IN (SELECT id FROM {given})
 RETURNING member_id"""
_FORGET = """DELETE FROM scim_membership WHERE group_id = %s AND unknown_id IN (SELECT id FROM {given})
 RETURNING unknown_id"""
_CURRENT = "SELECT member_id, unknown_id FROM scim_membership WHERE group_id = %s"
_MEMBERS = """SELECT m.group_id, o.id, o.kind, o.data FROM scim_membership m
 JOIN scim_resource o ON o.id = m.member_id JOIN {given} ON m.group_id = given.id ORDER BY m.id"""
_IS_NOTED = "SELECT 1 FROM scim_membership WHERE tenant_id = %s AND unknown_id = %s LIMIT 1"
_LINK = """UPDATE scim_membership AS m SET member_id = %s, unknown_id = ''
 WHERE tenant_id = %s AND unknown_id = %s AND group_id <> %s AND NOT EXISTS (SELECT 1
 FROM scim_membership o WHERE o.group_id = m.group_id AND o.member_id = %s) RETURNING group_id"""
_UNNOTE = "DELETE FROM scim_membership WHERE tenant_id = %s AND unknown_id = %s RETURNING id"
_LOCK_GROUPS = """SELECT r.id FROM scim_resource r WHERE r.id IN (SELECT m.group_id
 FROM scim_membership m WHERE m.member_id = %s) ORDER BY r.id FOR NO KEY UPDATE"""
_NEXT = "SELECT 1 FROM scim_membership WHERE group_id = %s LIMIT 1 OFFSET %s"
_GROUPS = """SELECT m.member_id, g.id, g.data FROM scim_membership m
 JOIN {given} ON m.member_id = given.id JOIN scim_resource g ON g.id = m.group_id
 WHERE g.deleted_at IS NULL ORDER BY m.member_id, g.id"""
_LEAVE_ALL = """DELETE FROM scim_membership WHERE member_id = %s RETURNING group_id"""
_EMPTY = """DELETE FROM scim_membership WHERE group_id = %s RETURNING member_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What has changed in a group: ids of members, and ids that no resource has.

    ``known`` are those resources of the members that had to be read for it.
    """

    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
    unknown: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    known: Mapping[UUID, Row] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.unknown or self.forgotten)


class Linked(NamedTuple):
    """One end of a membership: who owns the list, and who stands in it."""

    owner: UUID
    key: UUID
    label: str
    data: str


def add(tenant: Tenant, group: UUID, ids: Collection[str], now: datetime) -> Delta:
    """Add members by their ids; what no resource of the tenant has is noted as unknown.

    Raises InvalidValueException when the group is among them.
    """
    keys, malformed = _split(ids)
    if group in keys:
        raise InvalidValueException(detail="A group cannot be a member of itself")
    known = {row.key: row for row in _known(tenant, keys)}
    absent = [encode(ID_PREFIX, key) for key in keys if key not in known]
    head = [uuid_value(decode("ten", tenant.id)), uuid_value(group), moment_value(now)]
    added = run(_sql(_ADD, _IDS), [*head, array(known)]) if known else []
    missing = [*malformed, *absent]
    noted = run(_sql(_NOTE, _TEXTS), [*head, _texts(missing)]) if missing else []
    return Delta(
        added=tuple(read_uuid(row[0]) for row in added),
        unknown=tuple(row[0] for row in noted),
        known=known,
    )


def remove(group: UUID, ids: Collection[str]) -> Delta:
    """Take members out by their ids. Who is not in the group is not missed."""
    keys, _ = _split(ids)
    head = [uuid_value(group)]
    removed = run(_sql(_REMOVE, _IDS), [*head, array(keys)]) if keys else []
    forgotten = run(_sql(_FORGET, _TEXTS), [*head, _texts(list(ids))]) if ids else []
    return Delta(
        removed=tuple(read_uuid(row[0]) for row in removed),
        forgotten=tuple(row[0] for row in forgotten),
    )


def replace(tenant: Tenant, group: UUID, ids: Collection[str], now: datetime) -> Delta:
    """Make ``ids`` the members, and touch nobody who stays."""
    wanted = set(ids)
    current = {
        encode(ID_PREFIX, read_uuid(member)) if member else unknown
        for member, unknown in run(_CURRENT, [uuid_value(group)])
    }
    gone = remove(group, current - wanted)
    come = add(tenant, group, [each for each in ids if each not in current], now)
    return replace_fields(come, removed=gone.removed, forgotten=gone.forgotten)


def leave_all(member: UUID) -> list[UUID]:
    """Take somebody out of every group; return which groups those were."""
    return [read_uuid(row[0]) for row in run(_LEAVE_ALL, [uuid_value(member)])]


def empty(group: UUID) -> Delta:
    """Take everybody out of a group."""
    rows = run(_EMPTY, [uuid_value(group)])
    return Delta(removed=tuple(read_uuid(row[0]) for row in rows if row[0]))


def members(groups: Sequence[UUID]) -> list[Linked]:
    """Return the members of some groups, those who came first first; the label is their kind."""
    rows = run(_sql(_MEMBERS, _IDS), [array(groups)]) if groups else []
    return [Linked(read_uuid(row[0]), read_uuid(row[1]), row[2], row[3]) for row in rows]


def link(tenant: Tenant, member: UUID, name: str) -> list[UUID]:
    """Make somebody the member that groups know as ``name`` only; return which groups.

    Where they are a member already, and where the group is themselves, the note just goes.
    """
    noted = [uuid_value(decode("ten", tenant.id)), name]
    if not run(_IS_NOTED, noted):
        return []
    key = uuid_value(member)
    rows = run(_LINK, [key, *noted, key, key])
    run(_UNNOTE, noted)
    return sorted(read_uuid(row[0]) for row in rows)


def lock_groups_of(identity: str) -> None:
    """Keep others from changing the groups that somebody is in; on SQLite nobody else writes."""
    if not on_postgresql():
        return
    try:
        key = decode(ID_PREFIX, identity)
    except ValueError:
        return
    run(_LOCK_GROUPS, [uuid_value(key)])


def exceed(group: UUID, number: int) -> bool:
    """Say whether a group has more than ``number`` members, without counting all of them."""
    return bool(run(_NEXT, [uuid_value(group), number]))


def groups(of: Sequence[UUID]) -> list[Linked]:
    """Return the groups that somebody is in, ``direct`` or ``indirect`` (RFC 7643, section 4.1.2)."""
    found = [Linked(*row[:2], DIRECT, row[2]) for row in _groups(of)]
    above = _above({link.key for link in found})
    if not any(above.values()):
        return found
    known: dict[UUID, set[UUID]] = defaultdict(set)
    for link in found:
        known[link.owner].add(link.key)
    for link in list(found):
        found += _indirect(link, above, known[link.owner])
    return found


def _groups(of: Collection[UUID]) -> list[tuple[UUID, UUID, str]]:
    rows = run(_sql(_GROUPS, _IDS), [array(of)]) if of else []
    return [(read_uuid(row[0]), read_uuid(row[1]), row[2]) for row in rows]


def _above(start: set[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return the groups that hold a group, for all that are reached from ``start``; few are."""
    above: dict[UUID, list[tuple[UUID, str]]] = {}
    wave = start
    while wave:
        above |= {key: [] for key in wave}
        for member, group, data in _groups(wave):
            above[member].append((group, data))
        wave = {group for key in wave for group, _ in above[key]} - above.keys()
    return above


def _indirect(
    link: Linked, above: Mapping[UUID, list[tuple[UUID, str]]], known: set[UUID]
) -> Iterator[Linked]:
    """Yield the groups above a group of somebody's, but for those that are known already."""
    wave = [link.key]
    while wave:
        for group, data in above.get(wave.pop(), ()):
            if group not in known:
                known.add(group)
                wave.append(group)
                yield Linked(link.owner, group, INDIRECT, data)


def _known(tenant: Tenant, keys: Collection[UUID]) -> list[Row]:
    """Return those of ``keys`` that may be members, and keep them from going away."""
    if not keys:
        return []
    lock = "FOR SHARE OF r" if on_postgresql() else ""
    given = _IDS if on_postgresql() else _IDS_ON_SQLITE
    owner = uuid_value(decode("ten", tenant.id))
    statement = _KNOWN.format(columns=COLUMNS, given=given, lock=lock)
    return [read(row) for row in run(statement, [array(keys), owner])]


def _split(ids: Collection[str]) -> tuple[dict[UUID, None], list[str]]:
    """Return the ids that may be ours, and those that cannot be."""
    keys: dict[UUID, None] = {}
    malformed: list[str] = []
    for each in ids:
        try:
            keys[decode(ID_PREFIX, each)] = None
        except ValueError:
            malformed.append(each)
    return keys, malformed


def _sql(statement: str, given: str) -> str:
    return statement.format(given=given if on_postgresql() else _IDS_ON_SQLITE)


def array(keys: Collection[UUID]) -> Any:
    """Return keys as the one parameter of a statement that joins them."""
    values = [uuid_value(key) for key in keys]
    return values if on_postgresql() else json.dumps(values)


def _texts(texts: Collection[str]) -> Any:
    return list(texts) if on_postgresql() else json.dumps(list(texts))
