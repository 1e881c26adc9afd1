"""Erasing what is older than a tenant wants it kept: the data of events, attempts, received bodies.

The rows of events and deliveries stay, with what became of them. So the log keeps its positions, and
the feed of changes goes on telling what changed and when, only no longer to what.

Attempts go together with the data of their event. An attempt is never older than its event, so none
that is too old is left, and neither table has to be searched for old rows: erased events leave the
index ``event_with_data``.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import wakeups
from core.models import Event, Tenant
from webhooks.inbound import retention as inbound
from webhooks.models import Attempt, Delivery

BATCH_SIZE = 1_000
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=120)
ERASE_TASK = "webhooks.tasks.erase_expired"

logger = logging.getLogger(__name__)


def erase_expired(*, longest: timedelta = LONGEST_RUN) -> int:
    """Erase what is too old, of every tenant; return of how many events, messages and refusals.

    In small transactions, so that nobody waits long for a lock. The data of an event that is still
    owed to somebody stays until it is delivered or given up. After ``longest`` the rest is left to
    a new task. Safe to run at any time, in several workers at once, and to kill.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    total = 0
    for tenant in Tenant.objects.filter(retention_days__gt=0).order_by("?"):
        erased = 0
        kept_for = timedelta(days=tenant.retention_days or 0)
        for count in _erased(tenant, timezone.now() - kept_for):
            erased += count
            if time.monotonic() >= ends_at:
                wakeups.wake(ERASE_TASK)
                break
        if erased:
            logger.info("retention.erased", extra={"tenant": tenant.id, "rows": erased})
        total += erased
        if time.monotonic() >= ends_at:
            break
    return total + _erase_refusals(ends_at)


def _erased(tenant: Tenant, before: datetime) -> Iterator[int]:
    """Erase a tenant's events and messages from before then, and yield how many each batch had."""
    for ids in _batches(tenant, before):
        yield _erase(ids)
    while count := inbound.erase_bodies(tenant, before):
        yield count


def _erase_refusals(ends_at: float) -> int:
    total = 0
    while time.monotonic() < ends_at and (count := inbound.erase_refusals(timezone.now())):
        total += count
    return total


def _batches(tenant: Tenant, before: datetime) -> Iterator[list[Any]]:
    """Yield the ids of events to erase, oldest first, passing each event once."""
    events = (
        Event.objects.for_tenant(tenant)
        .filter(data__isnull=False, occurred_at__lt=before, position__isnull=False)
        .filter(~_is_owed())
        .order_by("occurred_at", "id")
    )
    rest = events
    while rows := list(rest.values_list("id", "occurred_at")[:BATCH_SIZE]):
        yield [key for key, _ in rows]
        last, moment = rows[-1]
        rest = events.filter(
            Q(occurred_at__gt=moment) | Q(occurred_at=moment, id__gt=last), occurred_at__gte=moment
        )


def _is_owed() -> Exists:
    return Exists(Delivery.objects.pending().filter(event=OuterRef("pk")))


def _erase(ids: list[Any]) -> int:
    """Erase events with their attempts; return how many events.

    The data goes last: as long as it is there, a run that was killed is made up for by the next.
    """
    attempts = Attempt.objects.filter(delivery__event__in=ids)
    while keys := list(attempts.order_by().values_list("pk", flat=True)[:BATCH_SIZE]):
        Attempt.objects.filter(pk__in=keys).delete()
    return _erase_data(ids)


@transaction.atomic
def _erase_data(ids: list[Any]) -> int:
    """Erase the data of events, but for those that somebody has had sent once more; return how many.

    A replay locks them too. Those it has in its hands are passed over; of the others it finds that
    they are erased. Only once they are locked is it sure to be seen what is owed.
    """
    events = Event.objects.filter(pk__in=ids).order_by("pk")
    free = events.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    locked = list(free)
    count: int = Event.objects.filter(~_is_owed(), pk__in=locked).update(data=None)
    return count
