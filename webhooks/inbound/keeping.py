"""The hot path of receptions in plain SQL: an endpoint is found, a message is written.

Through models, both would take several times as long as everything else that is done for a request.
And what a process has found once it remembers: the statement that writes a message writes nothing
when the endpoint has changed since. So what is remembered can be believed for that, and for no more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from uuid_utils.compat import uuid7

from core.crypto import decrypt
from core.ids import decode, encode
from core.sql import moment_value, on_postgresql, read_moment, read_uuid, run, uuid_value
from core.types import Json
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Answer
from webhooks.redaction import sensitive
from webhooks.types import HeaderField

_FIND = """SELECT e.id, e.tenant_id, e.scheme, e.tolerance_seconds, e.rate_limit, e.max_body_bytes,
 e.message_key, e.answer_status, e.answer_content_type, e.answer_body, e.methods, e.allowed_networks,
 e.expected_headers, e.options, e.updated_at, s.secret, s.expires_at
FROM core_tenant t JOIN webhooks_endpoint e ON e.tenant_id = t.id
LEFT JOIN webhooks_endpointsecret s ON s.endpoint_id = e.id
 AND (s.expires_at IS NULL OR s.expires_at > %s)
WHERE t.slug = %s AND t.active AND e.path = %s AND e.enabled AND e.deleted_at IS NULL
ORDER BY s.created_at DESC, s.id DESC"""

_KEEP = """INSERT INTO webhooks_message (id, tenant_id, endpoint_id, key, method, query, headers, body,
 size, ip_address, received_at, trace, answer, sample, repeats, state, due_at, failures, error, event_type)
SELECT {uuid}, e.tenant_id, e.id, %s, %s, %s, {json}, {bytes}, {integer}, {address}, {moment}, {json},
 {json}, {boolean}, 0, 'received', {moment}, 0, '', ''
FROM webhooks_endpoint e JOIN core_tenant t ON t.id = e.tenant_id
WHERE e.id = {uuid} AND e.updated_at = {moment} AND e.enabled AND e.deleted_at IS NULL AND t.active
ON CONFLICT (endpoint_id, key) DO NOTHING RETURNING id"""
_KINDS = {
    "uuid": "%s::uuid",
    "json": "%s::text::jsonb",
    "bytes": "%s::bytea",
    "integer": "%s::int",
    "boolean": "%s::bool",
    "address": "%s::text::inet",
    "moment": "%s::timestamptz",
}
_KINDS_ON_SQLITE = dict.fromkeys(_KINDS, "%s")

# The same endpoint is asked for again and again; what is encrypted anew has another text.
_decrypted = lru_cache(maxsize=1_024)(decrypt)

MAX_REMEMBERED = 1_024
_remembered: dict[tuple[str, str], "OpenEndpoint"] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEndpoint:
    """An endpoint that takes requests, with its ``secrets`` in force, the newest first."""

    id: str
    tenant_id: str
    scheme: str
    tolerance_seconds: int | None
    rate_limit: int | None
    max_body_bytes: int | None
    message_key: str
    answer: Answer
    methods: tuple[str, ...]
    allowed_networks: tuple[str, ...]
    expected_headers: tuple[HeaderField, ...] = field(repr=False)
    options: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    changed_at: datetime
    good_until: datetime | None
    """When the first of the secrets expires."""

    def known_secrets(self) -> tuple[str, ...]:
        """Return every secret text that the endpoint knows of, to blot it out."""
        # Others expect what is no secret, such as a type of content, and tell events by it.
        wanted = (each["value"] for each in self.expected_headers if sensitive(each["name"]))
        options = (
            self.options.get(each.name, "") for each in SCHEMES[self.scheme].options if each.secret
        )
        return (*self.secrets, *wanted, *options)

    def secret_headers(self) -> tuple[str, ...]:
        """Return the headers in which the secret itself is sent."""
        scheme = SCHEMES[self.scheme]
        return scheme.secret_headers(scheme.filled(self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What is written of a request before it is acknowledged: see ``webhooks.models.Message``."""

    endpoint: OpenEndpoint
    key: str | None
    method: str
    query: str = field(repr=False)
    headers: Json = field(repr=False)
    body: bytes = field(repr=False)
    ip_address: str | None
    received_at: datetime
    trace: Json
    answer: Json
    sample: bool


def remembered(tenant: str, path: str, now: datetime) -> OpenEndpoint | None:
    """Return the endpoint as this process has found it last, which may be out of date.

    It is good for nothing but ``keep``. One with a limit of requests is not remembered, as nothing
    may be booked on it twice.
    """
    endpoint = _remembered.get((tenant, path))
    if endpoint is None or (endpoint.good_until is not None and endpoint.good_until <= now):
        return None
    return endpoint


def find(tenant: str, path: str, now: datetime) -> OpenEndpoint | None:
    """Return the endpoint of the tenant with this slug at ``path``, if it takes requests at ``now``.

    Raises DecryptionError for what no key in force can read.
    """
    rows = _rows([moment_value(now), tenant, path])
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    endpoint = _open(rows) if rows else None
    if endpoint is None or endpoint.rate_limit is not None:
        _remembered.pop((tenant, path), None)
    else:
        _remembered[tenant, path] = endpoint
    return endpoint


def _open(rows: list[Any]) -> OpenEndpoint:
    first = rows[0]
    ends = [read_moment(row[16]) for row in rows if row[16]]
    return OpenEndpoint(
        id=encode("ept", read_uuid(first[0])),
        tenant_id=encode("ten", read_uuid(first[1])),
        scheme=first[2],
        tolerance_seconds=first[3],
        rate_limit=first[4],
        max_body_bytes=first[5],
        message_key=first[6],
        answer=Answer(status_code=first[7], content_type=first[8], body=first[9]),
        methods=tuple(_json(first[10])),
        allowed_networks=tuple(_json(first[11])),
        expected_headers=tuple(json.loads(_decrypted(first[12]))),
        options=json.loads(_decrypted(first[13])),
        secrets=tuple(_decrypted(row[15]) for row in rows if row[15]),
        changed_at=read_moment(first[14]),
        good_until=min(ends, default=None),
    )


def _rows(values: list[Any]) -> list[Any]:
    """Look once more over a new connection: the old one may not have outlived a restart."""
    try:
        return run(_FIND, values)
    except (OperationalError, InterfaceError):
        connection.close()
        return run(_FIND, values)


def keep(message: NewMessage) -> bool:
    """Write a message, in a transaction of its own; say whether it is the first with its key.

    It is not written either when the endpoint has been changed or deleted since it was found.
    """
    values = [
        uuid_value(uuid7()),
        message.key,
        message.method,
        message.query,
        json.dumps(message.headers),
        message.body,
        len(message.body),
        message.ip_address,
        moment_value(message.received_at),
        json.dumps(message.trace),
        json.dumps(message.answer),
        message.sample,
        moment_value(message.received_at),
        uuid_value(decode("ept", message.endpoint.id)),
        moment_value(message.endpoint.changed_at),
    ]
    kinds = _KINDS if on_postgresql() else _KINDS_ON_SQLITE
    return bool(run(_KEEP.format(**kinds), values))


def _json(value: Any) -> Any:
    """Return a JSON column as Python has it; SQLite gives its text."""
    return json.loads(value) if isinstance(value, str) else value
