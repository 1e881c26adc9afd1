"""Writing down what is owed: thousands of deliveries in one statement, and no object for each."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from uuid_utils.compat import uuid7

from core.ids import decode
from core.models import Tenant
from core.sql import moment_value, on_postgresql, uuid_value

# What comes with an error is dead from the start. What is owed already stays as it is.
_INSERT = """INSERT INTO webhooks_delivery (id, tenant_id, event_id, subscription_id, position,
 ordering_key, last_error, state, next_attempt_at, finished_at, created_at, attempts, failures)
SELECT o.id, %s, o.event_id, o.subscription_id, o.position, o.ordering_key, o.error,
 CASE WHEN o.error = '' THEN 'pending' ELSE 'dead' END,
 CASE WHEN o.error = '' THEN n.now END, CASE WHEN o.error <> '' THEN n.now END, n.now, 0, 0
FROM {rows} WHERE true ON CONFLICT DO NOTHING"""
_ROWS = """(SELECT %s::timestamptz AS now) n CROSS JOIN
 unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[])
 AS o(id, event_id, subscription_id, position, ordering_key, error)"""
_ROWS_ON_SQLITE = """(SELECT %s AS now) n CROSS JOIN (SELECT value->>0 AS id, value->>1 AS event_id,
 value->>2 AS subscription_id, value->>3 AS position, value->>4 AS ordering_key,
 value->>5 AS error FROM json_each(%s)) o"""


class Owed(NamedTuple):
    """One event that is owed to one subscription; ``error`` says why it can never be sent."""

    event: str
    subscription: str
    position: int
    ordering_key: str
    error: str


def write(tenant: Tenant, owed: Collection[Owed], now: datetime) -> None:
    """Write a delivery for each of ``owed``, but for those that are there already."""
    events = {key: uuid_value(decode("evt", key)) for key in {each.event for each in owed}}
    rows = [
        (uuid_value(uuid7()), events[event], uuid_value(decode("sub", subscription)), *rest)
        for event, subscription, *rest in owed
    ]
    values: list[Any]
    if on_postgresql():
        statement = _INSERT.format(rows=_ROWS)
        values = [list(column) for column in zip(*rows, strict=True)]
    else:
        statement = _INSERT.format(rows=_ROWS_ON_SQLITE)
        values = [json.dumps(rows)]
    moment, owner = moment_value(now), uuid_value(decode("ten", tenant.id))
    with connection.cursor() as cursor:
        cursor.execute(statement, [owner, moment, *values])
