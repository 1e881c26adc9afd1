"""Pieces of the SQL that is written by hand for webhooks."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models.expressions import RawSQL

from core.sql import on_postgresql, uuid_value

# What is larger, in bytes or on SQLite in characters, is read when it is sent and not before.
LARGE = 64 * 1024
# To look for work again and again must not cost more than a tenth of the time.
LOOKS_PER_TIME = 10

# Of a delivery ``d`` and its event ``e``.
COLUMNS = """d.id, d.subscription_id, d.tenant_id, d.attempts, d.failures, d.created_at, d.next_attempt_at,
 e.id, e.type, e.entity_id, e.correlation_id, e.occurred_at, e.size, e.data"""

# LIMIT keeps PostgreSQL from reading the whole log instead, where it thinks that many are due.
_EVENT = """CROSS JOIN LATERAL (SELECT id, type, entity_id, correlation_id, occurred_at,
 octet_length(data) AS size, CASE WHEN octet_length(data) <= {large} THEN data END AS data
 FROM core_event WHERE id = d.event_id LIMIT 1) e"""
_EVENT_ON_SQLITE = """JOIN (SELECT id, type, entity_id, correlation_id, occurred_at,
 length(data) AS size, CASE WHEN length(data) <= {large} THEN data END AS data
 FROM core_event) e ON e.id = d.event_id"""


@contextmanager
def plans_by_index() -> Iterator[None]:
    """Have PostgreSQL find rows by index while the block runs.

    Connections keep their plans, those of foreign keys above all: one made while a table was small
    reads all of it for every row, long after it has grown.
    """
    if not on_postgresql():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
    try:
        yield
    finally:
        # In a transaction that has failed it cannot be said, and ends with it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("RESET enable_seqscan")


def event() -> str:
    """Return the join that adds its event ``e`` to a delivery ``d``."""
    return (_EVENT if on_postgresql() else _EVENT_ON_SQLITE).format(large=LARGE)


def list_value(values: Sequence[Any]) -> Any:
    """Return a list as the database takes it: of keys made with ``uuid_value``, or of texts."""
    return list(values) if on_postgresql() else json.dumps(list(values))


def rows_of(column: str, kind: str) -> str:
    """Return a table ``k`` with one column, whose rows are those of a ``list_value``."""
    if on_postgresql():
        return f"unnest(%s::{kind}[]) AS k({column})"
    return f"(SELECT value AS {column} FROM json_each(%s)) AS k"  # noqa: S608


def among(keys: Iterable[UUID]) -> RawSQL:
    """Return a subquery for ``pk__in``: one value, where a list would be thousands."""
    table = rows_of("key", "uuid")
    return RawSQL(f"SELECT key FROM {table}", [list_value([uuid_value(key) for key in keys])])  # noqa: S608,S611
