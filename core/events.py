"""The heart: what happened is written once, numbered once, and handed to whoever reacts.

``publish`` writes the Event in the caller's transaction, so an event exists exactly when its
change does. ``dispatch`` runs in a worker: it gives committed events their place in the tenant's
log and hands them to ``settings.EVENT_CONSUMERS`` in the same transaction.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core import outbox, wakeups
from core.errors import DispatchFailedError
from core.ids import decode
from core.models import Event, EventLog, Tenant
from core.types import Actor, Json

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
BATCH_ROWS = 5_000
BATCH_CHARACTERS = 8 * 1024 * 1024
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=60)
DISPATCH_TASK = "core.tasks.dispatch_events"

Consumer = Callable[[Tenant, Sequence[Event]], None]
FanOut = Callable[[Tenant, Collection[str]], Counter[str]]


def publish(
    tenant: Tenant,
    event_type: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    occurred_at: datetime,
    entity_id: str = "",
    record_type: str = "",
) -> Event:
    """Write that something happened, in the caller's transaction.

    Two events of one entity are dispatched in the order of ``occurred_at``, so a caller that
    changes an entity twice gives the second change a later moment, whatever the clocks say.
    ``record_type`` marks the change of a record of that type: the feed of changes holds no other.
    """
    return publish_many(
        tenant,
        [
            draft(
                tenant,
                event_type,
                data,
                actor=actor,
                occurred_at=occurred_at,
                entity_id=entity_id,
                record_type=record_type,
            )
        ],
    )[0]


def draft(
    tenant: Tenant,
    event_type: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    occurred_at: datetime,
    entity_id: str = "",
    record_type: str = "",
) -> Event:
    """Return an event that is not yet written, for ``publish_many``."""
    return Event(
        tenant=tenant,
        type=event_type,
        entity_id=entity_id,
        record_type=record_type,
        occurred_at=occurred_at,
        correlation_id=actor.correlation_id,
        actor={"kind": actor.kind, "id": actor.id, "label": actor.label},
        data=cast("Any", data),
    )


def publish_many(tenant: Tenant, events: Sequence[Event]) -> list[Event]:
    """Write drafts of one tenant in one statement, and wake the dispatcher after the commit."""
    # Without a savepoint: what cannot be published undoes the change that it tells of.
    with transaction.atomic(savepoint=False):
        outbox.write(tenant, events)
        wakeups.wake(DISPATCH_TASK)
    return list(events)


def dispatch(*, longest: timedelta = LONGEST_RUN) -> int:
    """Give what waits its place in the log and hand it out; return how many events.

    Tenants that another dispatcher is busy with are left to it. A tenant with a million events
    gets one batch per round, like everybody else. After ``longest`` the rest is left to a new
    task, so that a steady stream of events cannot hold a worker for ever.

    Raises DispatchFailedError, at the end, when a consumer failed for a tenant. Its events wait
    for the next run; the other tenants' are handed out all the same.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    failed: dict[str, Exception] = {}
    total = 0
    while handled := _dispatch_round(failed, ends_at):
        total += handled
        if time.monotonic() >= ends_at:
            wakeups.wake(DISPATCH_TASK)
            break
    _report(failed)
    return total


def dispatch_once(*, longest: timedelta = LONGEST_RUN, but: Collection[str] = ()) -> int:
    """Give one batch of each tenant's events its place in the log; return how many events.

    The tenants ``but`` (ids) are left out. No tenant's turn begins after ``longest``. Raises
    DispatchFailedError, as ``dispatch`` does.
    """
    failed: dict[str, Exception] = {}
    total = _dispatch_round(failed, time.monotonic() + longest.total_seconds(), but)
    _report(failed)
    return total


def _report(failed: Mapping[str, Exception]) -> None:
    if failed:
        raise DispatchFailedError(tuple(sorted(failed))) from next(iter(failed.values()))


def _dispatch_round(failed: dict[str, Exception], ends_at: float, but: Collection[str] = ()) -> int:
    """Handle one batch of each tenant with work; note in ``failed`` where it went wrong."""
    total = 0
    for tenant in _tenants_with_work({*failed, *but}):
        try:
            total += dispatch_batch(tenant)
        except Exception as error:  # the outermost loop: one tenant must not stop the others
            logger.exception("events.dispatch_failed", extra={"tenant": tenant.id})
            failed[tenant.id] = error
        if time.monotonic() >= ends_at:
            break
    return total


def _tenants_with_work(but: Collection[str]) -> Sequence[Tenant]:
    """Return the tenants with events to hand out, without those of ``but``.

    They come in random order: when time runs out in every run, nobody is always the last.
    """
    waiting = Event.objects.filter(position=None).values("tenant_id")
    return list(Tenant.objects.filter(id__in=waiting).exclude(id__in=list(but)).order_by("?"))


def dispatch_batch(tenant: Tenant) -> int:
    """Hand one batch of a tenant's committed events to the consumers, numbered.

    A batch is at most BATCH_SIZE events with BATCH_CHARACTERS of data together, and fewer where
    each of them is owed to many: the consumers write about BATCH_ROWS rows. Returns how many
    there were; 0 also when another dispatcher holds the tenant's log.
    """
    if not EventLog.objects.filter(tenant=tenant).exists():
        EventLog.objects.bulk_create([EventLog(tenant=tenant)], ignore_conflicts=True)
    with transaction.atomic():
        log = _lock_log(tenant)
        if log is None:
            return 0
        events = _next_batch(tenant)
        if not events:
            return 0
        for offset, event in enumerate(events, start=1):
            event.position = log.last_position + offset
        _store_positions(events)
        log.last_position += len(events)
        log.save(update_fields=["last_position"])
        for consume in consumers():
            consume(tenant, events)
    return len(events)


def _next_batch(tenant: Tenant) -> list[Event]:
    """Return the oldest events that wait: at least one if there is any, however much it is."""
    waiting = Event.objects.for_tenant(tenant).undispatched()
    first = list(waiting.values_list("id", "type")[:BATCH_SIZE])
    if not first:
        return []
    owed = fan_out(tenant, {event_type for _, event_type in first})
    written = accumulate(owed[event_type] for _, event_type in first)
    few = max(1, sum(rows <= BATCH_ROWS for rows in written))
    # Measured are no more than can be in it: the database has to read large data for that.
    oldest = waiting.filter(id__in=[key for key, _ in first[:few]])
    return list(waiting.filter(id__in=oldest.within(BATCH_CHARACTERS)))


def _store_positions(batch: Sequence[Event]) -> None:
    """Write the positions, which is the one thing about an event that changes."""
    ids = [decode("evt", event.id) for event in batch]
    positions = [event.position for event in batch]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE core_event SET position = t.position"
                " FROM unnest(%s::uuid[], %s::bigint[]) AS t(id, position)"
                " WHERE core_event.id = t.id",
                [ids, positions],
            )
        else:
            cursor.executemany(
                "UPDATE core_event SET position = %s WHERE id = %s",
                [(position, key.hex) for position, key in zip(positions, ids, strict=True)],
            )


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


def fan_out(tenant: Tenant, types: Collection[str]) -> Counter[str]:
    """Return how many rows the consumers may write for an event of each of the ``types``."""
    owed: Counter[str] = Counter()
    for count in _import_fan_outs(tuple(settings.EVENT_FAN_OUTS)):
        owed += count(tenant, types)
    return owed


@lru_cache
def _import_fan_outs(paths: tuple[str, ...]) -> tuple[FanOut, ...]:
    return tuple(import_string(path) for path in paths)
