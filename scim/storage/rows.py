"""Rows of ``scim_resource``: the SQL that reads and writes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from core.ids import decode, encode
from core.models import Tenant
from core.sql import moment_value, on_postgresql, read_moment, read_uuid, run, send, uuid_value
from core.types import Json
from scim.filters.columns import ID_PREFIX
from scim.filters.conditions import Sql
from scim.json_text import text_of

COLUMNS = "r.id, r.kind, r.data, r.version, r.created_at, r.updated_at"
_FIND = (
    f"SELECT {COLUMNS} FROM scim_resource r"  # noqa: S608  # values are parameters
    " WHERE r.id = %s AND r.tenant_id = %s AND r.kind = %s AND r.deleted_at IS NULL"
)
_FIND_USER = (
    f"SELECT {COLUMNS} FROM scim_resource r"  # noqa: S608  # see above
    " WHERE r.tenant_id = %s AND r.kind = 'User' AND r.key = %s AND r.deleted_at IS NULL"
)
_FIND_ALL_HERE = f"SELECT {COLUMNS} FROM scim_resource r WHERE r.id = ANY(%s::uuid[])"  # noqa: S608  # see above
_FIND_ALL = (
    f"SELECT {COLUMNS} FROM scim_resource r"  # noqa: S608  # see above
    " WHERE r.id IN (SELECT value FROM json_each(%s))"
)
_INSERT = """INSERT INTO scim_resource (id, tenant_id, kind, key, key_taken, external_id, active, data,
 folded, version, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, {json}, 1, %s, %s)
 ON CONFLICT DO NOTHING RETURNING EXISTS (SELECT 1 FROM scim_membership m WHERE m.tenant_id = %s
 AND m.unknown_id = %s AND m.unknown_id <> '')"""
_UPDATE = """UPDATE scim_resource SET key = %s, key_taken = %s, external_id = %s, active = %s, data = %s,
 folded = {json}, version = version + 1, updated_at = %s WHERE id = %s RETURNING version"""
_TOUCH = """UPDATE scim_resource SET version = version + 1, updated_at = %s WHERE id = %s"""
_BURY = "UPDATE scim_resource SET deleted_at = %s, version = version + 1 WHERE id = %s"


class Row(NamedTuple):
    """A resource as it is kept. ``data`` is JSON."""

    key: UUID
    kind: str
    data: str
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def id(self) -> str:
        """The id that clients see."""
        return encode(ID_PREFIX, self.key)

    @property
    def etag(self) -> str:
        """The version as an entity tag (RFC 7644, section 3.14)."""
        return f'W/"{self.version}"'


class Written(NamedTuple):
    """What is written of a resource, besides its id and its dates."""

    name: str
    key: str
    key_taken: bool
    external_id: str | None
    active: bool
    data: Mapping[str, Json]
    folded: Mapping[str, Json]


def find(tenant: Tenant, kind: str, identity: str, *, lock: bool = False) -> Row | None:
    """Return a resource; ``lock`` keeps others from changing it until the transaction ends."""
    try:
        key = decode(ID_PREFIX, identity)
    except ValueError:
        return None
    locking = " FOR NO KEY UPDATE" if lock and on_postgresql() else ""
    owner = uuid_value(decode("ten", tenant.id))
    rows = run(_FIND + locking, [uuid_value(key), owner, kind])
    return read(rows[0]) if rows else None


def find_user(tenant: Tenant, key: str) -> Row | None:
    """Return a user by the folded user name."""
    found = run(_FIND_USER, [uuid_value(decode("ten", tenant.id)), key])
    return read(found[0]) if found else None


def find_all(keys: Collection[UUID]) -> list[Row]:
    """Return resources by their keys, the deleted ones too."""
    if not keys:
        return []
    values = [uuid_value(key) for key in keys]
    given: Any = values if on_postgresql() else json.dumps(values)
    return [read(row) for row in run(_FIND_ALL_HERE if on_postgresql() else _FIND_ALL, [given])]


class Inserted(NamedTuple):
    """What has come of a new resource: whether groups already know it by its externalId."""

    awaited: bool


def insert(
    tenant: Tenant, kind: str, key: UUID, written: Written, now: datetime
) -> Inserted | None:
    """Write a new resource; None when its key is taken."""
    moment = moment_value(now)
    owner = uuid_value(decode("ten", tenant.id))
    values = [uuid_value(key), owner, kind, *_values(written), moment, moment]
    noted = [owner, written.external_id or ""]
    found = run(_INSERT.format(json=_json_type()), [*values, *noted])
    return Inserted(bool(found[0][0])) if found else None


def update(key: UUID, written: Written, now: datetime) -> int:
    """Write a new state of a resource and return its version.

    Raises IntegrityError when its key is taken.
    """
    values = [*_values(written), moment_value(now), uuid_value(key)]
    version: int = run(_UPDATE.format(json=_json_type()), values)[0][0]
    return version


def touch(key: UUID, now: datetime) -> None:
    """Say that a resource has changed in what is kept elsewhere: it has the next version."""
    send(_TOUCH, [moment_value(now), uuid_value(key)])


def bury(key: UUID, now: datetime) -> None:
    """Make a tombstone of a resource."""
    send(_BURY, [moment_value(now), uuid_value(key)])


def count(where: Sql) -> int:
    """Return how many resources fulfil a condition."""
    found: int = run(
        f"SELECT count(*) FROM scim_resource r WHERE {where.text}",  # noqa: S608  # values are parameters
        where.parameters,
    )[0][0]
    return found


def select(
    where: Sql, order: Sql, *, limit: int | None, offset: int = 0, value: Sql | None = None
) -> Sequence[Any]:
    """Return rows as the database gives them, each followed by its sort value."""
    extra = value or Sql(text="NULL")
    size = "" if limit is None else f" LIMIT {int(limit)}"
    if limit is None and offset and not on_postgresql():
        size = " LIMIT -1"
    start = f" OFFSET {int(offset)}" if offset else ""
    return run(
        f"SELECT {COLUMNS}, {extra.text} FROM scim_resource r WHERE {where.text}"  # noqa: S608  # values are parameters
        f" ORDER BY {order.text}{size}{start}",
        [*extra.parameters, *where.parameters, *order.parameters],
    )


def read(row: Sequence[Any]) -> Row:
    """Return the first columns of a result as a row."""
    return Row(
        key=read_uuid(row[0]),
        kind=row[1],
        data=row[2],
        version=row[3],
        created_at=read_moment(row[4]),
        updated_at=read_moment(row[5]),
    )


def _values(written: Written) -> list[Any]:
    return [
        written.key,
        written.key_taken,
        written.external_id,
        written.active,
        text_of(written.data),
        text_of(written.folded),
    ]


def _json_type() -> str:
    return "%s::jsonb" if on_postgresql() else "%s"
