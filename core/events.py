"""The heart: what happened is written once, numbered once, and handed to whoever reacts.

``publish`` writes the Event in the caller's transaction, so an event exists exactly when its
change does. ``dispatch`` runs in a worker: it gives committed events their place in the tenant's
log and hands them to ``settings.EVENT_CONSUMERS`` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core import wakeups
from core.models import Event, EventLog, Tenant
from core.types import Actor, Json

BATCH_SIZE = 500
DISPATCH_TASK = "core.tasks.dispatch_events"

Consumer = Callable[[Tenant, Sequence[Event]], None]


def publish(
    tenant: Tenant,
    event_type: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    occurred_at: datetime,
    entity_id: str = "",
) -> Event:
    """Write that something happened, in the caller's transaction.

    Two events of one entity are dispatched in the order of ``occurred_at``, so a caller that
    changes an entity twice gives the second change a later moment, whatever the clocks say.
    """
    return publish_many(
        tenant,
        [draft(tenant, event_type, data, actor=actor, occurred_at=occurred_at, entity_id=entity_id)],
    )[0]


def draft(
    tenant: Tenant,
    event_type: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    occurred_at: datetime,
    entity_id: str = "",
) -> Event:
    """Return an event that is not yet written, for ``publish_many``."""
    return Event(
        tenant=tenant,
        type=event_type,
        entity_id=entity_id,
        occurred_at=occurred_at,
        correlation_id=actor.correlation_id,
        actor={"kind": actor.kind, "id": actor.id, "label": actor.label},
        data=data,
    )


def publish_many(tenant: Tenant, events: Sequence[Event]) -> list[Event]:
    """Write drafts of one tenant in one statement, and wake the dispatcher after the commit."""
    with transaction.atomic():
        written: list[Event] = Event.objects.bulk_create(events)
        wakeups.wake(DISPATCH_TASK)
    return written


def dispatch() -> int:
    """Number and hand out whatever is waiting, of every tenant; return how many events.

    Tenants that another dispatcher is busy with are left to it. A tenant with a million events
    gets one batch per round, like everybody else.
    """
    total = 0
    while handled := sum(dispatch_batch(tenant) for tenant in _tenants_with_work()):
        total += handled
    return total


def _tenants_with_work() -> Sequence[Tenant]:
    waiting = Event.objects.filter(position=None).values("tenant_id")
    return list(Tenant.objects.filter(id__in=waiting))


def dispatch_batch(tenant: Tenant) -> int:
    """Number up to BATCH_SIZE committed events of one tenant and hand them to the consumers.

    Returns how many there were; 0 also when another dispatcher holds the tenant's log.
    """
    EventLog.objects.bulk_create([EventLog(tenant=tenant)], ignore_conflicts=True)
    with transaction.atomic():
        log = _lock_log(tenant)
        if log is None:
            return 0
        events = list(Event.objects.for_tenant(tenant).undispatched()[:BATCH_SIZE])
        if not events:
            return 0
        for offset, event in enumerate(events, start=1):
            event.position = log.last_position + offset
        Event.objects.bulk_update(events, ["position"])
        log.last_position += len(events)
        log.save(update_fields=["last_position"])
        for consume in consumers():
            consume(tenant, events)
    return len(events)


def _lock_log(tenant: Tenant) -> EventLog | None:
    logs = EventLog.objects.filter(tenant=tenant)
    if connection.features.has_select_for_update_skip_locked:
        logs = logs.select_for_update(skip_locked=True)
    log: EventLog | None = logs.first()
    return log


@lru_cache
def _import_consumers(paths: tuple[str, ...]) -> tuple[Consumer, ...]:
    return tuple(import_string(path) for path in paths)


def consumers() -> tuple[Consumer, ...]:
    """Return the receivers of events, in the order of the setting."""
    return _import_consumers(tuple(settings.EVENT_CONSUMERS))
