"""The hot path of deliveries in plain SQL: what is due is read, what came of it is written.

A delivery is pending while it has a ``next_attempt_at`` and no ``finished_at``. The statements name
the one for which there is the right index, or none that could mislead: a queue's statistics are
always out of date, and a plan that reads all that is pending costs more than everything else.

Through models, both would take most of a worker's time. PostgreSQL takes and gives many rows in one
statement; SQLite, which lives in this process, is asked for one thing after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from core.ids import decode, encode
from core.models.event import wire_moment
from core.sql import moment_value, read_moment, read_uuid, run, uuid_value
from core.types import Json
from webhooks import ordered
from webhooks.ordered import BEGINNING, Place, Walk
from webhooks.statements import COLUMNS, LARGE, event
from webhooks.types import WireEvent

NEVER = datetime.max.replace(tzinfo=UTC)

# The same subscriptions and tenants come again and again.
_encode_often = lru_cache(maxsize=4_096)(encode)

_DUE = """SELECT id, subscription_id, tenant_id, attempts, failures, created_at, next_attempt_at, event_id
 FROM webhooks_delivery x
 WHERE x.subscription_id = {subscription} AND x.next_attempt_at <= {now}
 AND (x.next_attempt_at, x.id) > ({after}) ORDER BY x.next_attempt_at, x.id LIMIT {limit}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much to read of a lane, and behind which place: ``held`` of it has been read before.

    In an ordered lane a delivery waits for those before it that have not failed yet, and for those
    that have, if they are younger than ``blocks_since``. With a ``walk`` one look is taken at it, and
    goes on with the next.
    """

    subscription_id: str
    limit: int
    held: int = 0
    after: Place = BEGINNING
    ordered: bool = False
    blocks_since: datetime = NEVER
    walk: Walk | None = None


@dataclass(slots=True, kw_only=True)
class Due:
    """A delivery that may be sent, with its event.

    ``data`` is JSON text of ``size``, None when that is LARGE. Erased, it has no size. Of those in a
    lane that have the same ``ordering_key``, if any, one goes at a time.
    """

    key: UUID
    id: str
    subscription_id: str
    tenant_id: str
    attempts: int
    failures: int
    created_at: datetime
    due_at: datetime
    event_id: str
    event_type: str
    entity_id: str
    correlation_id: str
    occurred_at: datetime
    size: int | None
    data: str | None
    ordering_key: str = ""

    @property
    def place(self) -> Place:
        """Where it stands in its lane."""
        return self.due_at, self.key

    @property
    def large(self) -> bool:
        """Whether its data was too much to be read with it."""
        return self.size is not None and self.size > LARGE

    def envelope(self, data: str) -> WireEvent:
        """Return the event as it goes over the wire, with its ``data`` as JSON text."""
        head: dict[str, Json] = {
            "id": self.event_id,
            "type": self.event_type,
            "timestamp": wire_moment(self.occurred_at),
            "entity_id": self.entity_id,
            "correlation_id": self.correlation_id,
        }
        return WireEvent(head, data)


@dataclass(slots=True, kw_only=True)
class Result:
    """What an attempt changes, and its line in the log. ``number`` counts attempts from 1."""

    key: UUID
    tenant: UUID
    number: int
    state: str
    failures: int
    next_attempt_at: datetime | None
    status_code: int | None
    last_error: str
    finished_at: datetime | None
    attempt: UUID
    started_at: datetime
    duration_ms: int
    error_code: str
    error: str
    response_headers: str
    response_body: str


def read_due(wanted: Sequence[Wanted], now: datetime, limit: int) -> list[Due]:
    """Return what is due in each lane, in its order and up to its limit.

    There are at most ``limit`` together, and one lane's worth more.
    """
    plain = [each for each in wanted if not each.ordered]
    found: list[Due] = []
    if connection.vendor == "postgresql" and plain:
        found = _read_lanes(plain, now, limit)
        wanted = [each for each in wanted if each.ordered]
    for each in wanted:
        if len(found) >= limit:
            break
        found += _read_lane(each, now)
    return found


def data_of(due: Due) -> str | None:
    """Return the data of a delivery's event as JSON text; None when it has been erased."""
    if due.data is not None or due.size is None:
        return due.data
    rows = run(
        "SELECT data FROM core_event WHERE id = %s", [uuid_value(decode("evt", due.event_id))]
    )
    data: str | None = rows[0][0] if rows else None
    return data


def write(results: Sequence[Result]) -> set[UUID]:
    """Write states and attempts; return the keys of those that were still as they had been read.

    A delivery that somebody else has moved on, or that is gone, is left alone.
    """
    if not results:
        return set()
    if connection.vendor == "postgresql":
        return _write_at_once(results)
    return _write_one_by_one(results)


def _read_lanes(wanted: Sequence[Wanted], now: datetime, limit: int) -> list[Due]:
    due = _DUE.format(
        subscription="w.subscription_id",
        now="%s",
        after="w.after_at, w.after_key",
        limit="w.number",
    )
    sql = (
        f"SELECT {COLUMNS} FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[], %s::int[])"  # noqa: S608  # no part comes from outside
        " AS w(subscription_id, after_at, after_key, number)"
        f" CROSS JOIN LATERAL ({due}) d {event()} LIMIT %s"
    )
    keys = [decode("sub", each.subscription_id) for each in wanted]
    moments, places = zip(*(each.after for each in wanted), strict=True)
    numbers = [each.limit for each in wanted]
    return _fetch(sql, [keys, list(moments), list(places), numbers, now, limit])


def _read_lane(wanted: Wanted, now: datetime) -> list[Due]:
    key = decode("sub", wanted.subscription_id)
    if wanted.ordered:
        lane = ordered.Line(subscription=key, now=now, blocks_since=wanted.blocks_since)
        rows = ordered.read(lane, wanted.limit, wanted.walk)
        return [_due(row, row[-1]) for row in rows]
    due = _DUE.format(subscription="%s", now="%s", after="%s, %s", limit="%s")
    sql = f"SELECT {COLUMNS} FROM ({due}) d {event()}"  # noqa: S608
    moment, place = wanted.after
    after = [moment_value(moment), uuid_value(place)]
    return _fetch(sql, [uuid_value(key), moment_value(now), *after, wanted.limit])


def _fetch(sql: str, parameters: Sequence[Any]) -> list[Due]:
    return [_due(row) for row in run(sql, parameters)]


def _due(row: Sequence[Any], ordering_key: str = "") -> Due:
    key = read_uuid(row[0])
    return Due(
        key=key,
        id=encode("dlv", key),
        subscription_id=_encode_often("sub", read_uuid(row[1])),
        tenant_id=_encode_often("ten", read_uuid(row[2])),
        attempts=row[3],
        failures=row[4],
        created_at=read_moment(row[5]),
        due_at=read_moment(row[6]),
        event_id=encode("evt", read_uuid(row[7])),
        event_type=row[8],
        entity_id=row[9],
        correlation_id=row[10],
        occurred_at=read_moment(row[11]),
        size=row[12],
        data=row[13],
        ordering_key=ordering_key,
    )


_WRITE = """WITH r AS (SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::int[], %b::text[], %b::int[],
 %b::timestamptz[], %b::smallint[], %b::text[], %b::timestamptz[], %b::uuid[], %b::timestamptz[],
 %b::int[], %b::text[], %b::text[], %b::text[], %b::text[]) AS t(key, tenant, number, state, failures,
 next_attempt_at, status_code, last_error, finished_at, attempt, started_at, duration_ms, error_code,
 error, response_headers, response_body)),
written AS (UPDATE webhooks_delivery d SET state = r.state, attempts = r.number,
 failures = r.failures, next_attempt_at = r.next_attempt_at, last_status_code = r.status_code,
 last_error = r.last_error, finished_at = r.finished_at
 FROM r WHERE d.id = r.key AND d.finished_at IS NULL AND d.attempts = r.number - 1 RETURNING d.id)
INSERT INTO webhooks_attempt (id, tenant_id, delivery_id, number, started_at, duration_ms,
 status_code, error_code, error, response_headers, response_body)
SELECT r.attempt, r.tenant, r.key, r.number, r.started_at, r.duration_ms, r.status_code,
 r.error_code, r.error, r.response_headers::jsonb, r.response_body
 FROM r JOIN written ON written.id = r.key RETURNING delivery_id"""

_FIELDS = tuple(Result.__dataclass_fields__)


def _write_at_once(results: Sequence[Result]) -> set[UUID]:
    columns = [[getattr(each, name) for each in results] for name in _FIELDS]
    return {row[0] for row in run(_WRITE, columns)}


_UPDATE = """UPDATE webhooks_delivery SET state = %s, attempts = %s, failures = %s,
 next_attempt_at = %s, last_status_code = %s, last_error = %s, finished_at = %s
 WHERE id = %s AND finished_at IS NULL AND attempts = %s"""
_INSERT = """INSERT INTO webhooks_attempt (id, tenant_id, delivery_id, number, started_at,
 duration_ms, status_code, error_code, error, response_headers, response_body)
 VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def _write_one_by_one(results: Sequence[Result]) -> set[UUID]:
    written = set()
    with transaction.atomic(), connection.cursor() as cursor:
        for each in results:
            key = uuid_value(each.key)
            state = [each.state, each.number, each.failures, moment_value(each.next_attempt_at)]
            outcome = [each.status_code, each.last_error, moment_value(each.finished_at)]
            cursor.execute(_UPDATE, [*state, *outcome, key, each.number - 1])
            if not cursor.rowcount:
                continue
            written.add(each.key)
            ids = [uuid_value(each.attempt), uuid_value(each.tenant), key, each.number]
            took = [moment_value(each.started_at), each.duration_ms, each.status_code]
            said = [each.error_code, each.error, each.response_headers, each.response_body]
            cursor.execute(_INSERT, [*ids, *took, *said])
    return written
