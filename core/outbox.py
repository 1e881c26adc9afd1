"""Writing events down: any number in one prepared statement."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from core import strict_json
from core.ids import decode
from core.models import Event, Tenant
from core.sql import moment_value, on_postgresql, send, uuid_value

_INSERT = """INSERT INTO core_event (id, tenant_id, type, entity_id, record_type, occurred_at,
 correlation_id, actor, data) SELECT o.id, {tenant}, o.type, o.entity_id, o.record_type,
 o.occurred_at, o.correlation_id, {actor}, o.data FROM {rows} WHERE true"""
_ON_POSTGRESQL = {
    "tenant": "%s::uuid",
    "actor": "o.actor::jsonb",
    "rows": "unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],"
    " %s::text[], %s::text[], %s::text[])"
    " AS o(id, type, entity_id, record_type, occurred_at, correlation_id, actor, data)",
}
# What a request usually publishes; arrays of one cost more than all the rest.
_INSERT_ONE = """INSERT INTO core_event (tenant_id, id, type, entity_id, record_type, occurred_at,
 correlation_id, actor, data) VALUES (%s, %s, %s, %s, %s, %s, %s, {actor}, %s)"""
_ON_SQLITE = {
    "tenant": "%s",
    "actor": "o.actor",
    "rows": "(SELECT value->>0 AS id, value->>1 AS type, value->>2 AS entity_id,"
    " value->>3 AS record_type, value->>4 AS occurred_at, value->>5 AS correlation_id,"
    " value->>6 AS actor, value->>7 AS data FROM json_each(%s)) o",
}


def write(tenant: Tenant, events: Sequence[Event]) -> None:
    """Write events of one tenant, in the caller's transaction.

    Raises StrictJsonError for data that has no JSON form.
    """
    if not events:
        return
    rows = [_row(event) for event in events]
    owner = uuid_value(decode("ten", tenant.id))
    if len(rows) == 1:
        actor = "%s::jsonb" if on_postgresql() else "%s"
        send(_INSERT_ONE.format(actor=actor), [owner, *rows[0]])
    elif on_postgresql():
        columns = [list(column) for column in zip(*rows, strict=True)]
        send(_INSERT.format(**_ON_POSTGRESQL), [owner, *columns])
    else:
        send(_INSERT.format(**_ON_SQLITE), [owner, json.dumps(rows)])
    for event in events:
        event._state.adding = False  # noqa: SLF001  # Django's documented API
        event._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001  # see above


def _row(event: Event) -> tuple[Any, ...]:
    return (
        uuid_value(decode("evt", event.id)),
        event.type,
        event.entity_id,
        event.record_type,
        moment_value(event.occurred_at),
        event.correlation_id,
        strict_json.dumps(event.actor).decode(),
        None if event.data is None else strict_json.dumps(event.data).decode(),
    )
