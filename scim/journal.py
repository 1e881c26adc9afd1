"""Writing the log of what identity providers do."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from scim2_models import Error
from uuid_utils.compat import uuid7

from core.ids import decode
from core.models import Event, Tenant
from core.sql import moment_value, on_postgresql, send, uuid_value
from core.throttling import take
from core.types import Actor, Json
from scim.models import ProvisioningEntry
from scim.profiles.types import Firing

MEMBERSHIPS = ("group.user_added", "group.user_removed")
REFUSALS_PER_MINUTE = 120
WINDOW = timedelta(minutes=1)
LABEL_CHARACTERS, DETAIL_CHARACTERS, PATH_CHARACTERS = 200, 500, 300
_COLUMNS = (
    "id, tenant_id, happened_at, action, target_id, target_label, status_code, scim_type, detail,"
    " rules, changes, members_added, members_removed, members_unknown, method, path, duration_ms,"
    " payload, credential_id, credential_label, request_id, ip_address"
)
_INSERT = f"INSERT INTO scim_provisioningentry ({_COLUMNS}) VALUES ({{}})"  # noqa: S608  # values are parameters
_JSON = ("rules", "changes")

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Origin:
    """The request that something comes from, and what it has come to so far."""

    actor: Actor
    method: str = ""
    path: str = ""
    firings: tuple[Firing, ...] = ()
    started: float = field(default_factory=time.monotonic)


@dataclass(slots=True, kw_only=True)
class Members:
    """How many members have come and gone, and how many nobody knows."""

    added: int = 0
    removed: int = 0
    unknown: int = 0


def changed(tenant: Tenant, origin: Origin, published: Sequence[Event], members: Members) -> None:
    """Write down one change, in its transaction, as the first of its events tells of it.

    Who comes into groups or leaves them does so because of something else, if there is something.
    """
    whole = [event for event in published if event.type not in MEMBERSHIPS]
    first = (whole or published)[0]
    data: Mapping[str, Any] = first.data
    shown = data.get("group", data)
    _write(
        tenant,
        origin,
        action=first.type,
        target_id=first.entity_id,
        target_label=str(shown.get("user_name") or shown.get("display_name") or ""),
        changes=data.get("changes", {}),
        members=members,
    )


def refused(tenant: Tenant, origin: Origin, error: Error) -> None:
    """Write down a request that was refused; of a flood only so many a minute.

    No fault of the log changes the answer.
    """
    try:
        state = take(
            f"scim-log:{tenant.id}", limit=REFUSALS_PER_MINUTE, window=WINDOW, now=timezone.now()
        )
        if state.allowed:
            _write(
                tenant,
                origin,
                action=ProvisioningEntry.REFUSED,
                status_code=error.status,
                scim_type=error.scim_type or "",
                detail=error.detail or "",
            )
    except DatabaseError:
        logger.exception("scim.not_logged", extra={"tenant": tenant.id})


def _write(
    tenant: Tenant,
    origin: Origin,
    *,
    action: str,
    target_id: str = "",
    target_label: str = "",
    status_code: int | None = None,
    scim_type: str = "",
    detail: str = "",
    changes: Json = None,
    members: Members | None = None,
) -> None:
    counted = members or Members()
    values: dict[str, Any] = {
        "id": uuid_value(uuid7()),
        "tenant": uuid_value(decode("ten", tenant.id)),
        "happened_at": moment_value(timezone.now()),
        "action": action,
        "target_id": target_id,
        "target_label": target_label[:LABEL_CHARACTERS],
        "status_code": status_code,
        "scim_type": scim_type,
        "detail": detail.replace("\x00", "")[:DETAIL_CHARACTERS],
        "rules": json.dumps([{"rule": each.rule, "where": each.where} for each in origin.firings]),
        "changes": json.dumps(changes or {}),
        "members_added": counted.added,
        "members_removed": counted.removed,
        "members_unknown": counted.unknown,
        "method": origin.method[:10],
        "path": origin.path[:PATH_CHARACTERS],
        "duration_ms": round((time.monotonic() - origin.started) * 1000),
        "payload": "",
        "credential_id": origin.actor.id,
        "credential_label": origin.actor.label[:LABEL_CHARACTERS],
        "request_id": origin.actor.request_id,
        "ip_address": origin.actor.ip_address,
    }
    marks = ", ".join(_mark(name) for name in values)
    send(_INSERT.format(marks), list(values.values()))


def _mark(name: str) -> str:
    if not on_postgresql():
        return "%s"
    if name in _JSON:
        return "%s::jsonb"
    return "%s::inet" if name == "ip_address" else "%s"
