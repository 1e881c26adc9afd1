"""Making up for what lanes do not know. Nothing should ever be found here: a part of the safety net.

A lane is missing when a process of an older version made its subscription, and believes too little
when somebody has changed deliveries by hand. What is pending there would never be sent.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from core import wakeups
from webhooks.dispatch import DELIVER_TASK
from webhooks.models import Delivery, Lane, Subscription

# What is left over is found the next minute.
MOST_REPAIRED = 1_000

Ordering = Subscription.Ordering

logger = logging.getLogger(__name__)


def repair_lanes(now: datetime) -> int:
    """Make the lanes that are missing, and bring forward those that are due earlier than they say.

    Returns how many of the two there were. Costs a look at one index for each subscription, and
    locks nothing where nothing is wrong.
    """
    made, corrected = _make_missing(), _correct(now)
    if made or corrected:
        logger.warning("webhook.lanes_repaired", extra={"made": made, "corrected": corrected})
        wakeups.wake(DELIVER_TASK)
    return made + corrected


def _make_missing() -> int:
    without = Subscription.objects.filter(~Exists(Lane.objects.filter(pk=OuterRef("pk"))))
    if not without.exists():
        return 0
    with transaction.atomic():
        # Locked, none of them can be deleted before it has its lane.
        free = without.select_for_update(skip_locked=True, no_key=True).order_by("pk")
        rows = list(free.values_list("pk", "tenant")[:MOST_REPAIRED])
        missing = [Lane(subscription_id=key, tenant_id=tenant) for key, tenant in rows]
        Lane.objects.bulk_create(missing, ignore_conflicts=True)
    return len(rows)


def _correct(now: datetime) -> int:
    keys = list(_late(now).values_list("pk", flat=True)[:MOST_REPAIRED])
    if not keys:
        return 0
    with transaction.atomic():
        # Asked again under the lock: whoever has just left a lane has said when it is due.
        Lane.objects.locked(keys)
        due_at = dict(_late(now).filter(pk__in=keys).values_list("pk", "earliest"))
        for key, moment in due_at.items():
            Lane.objects.filter(pk=key).update(due_at=moment)
    return len(due_at)


def _late(now: datetime) -> Any:
    """Return the lanes in which something is due before ``due_at``, with ``earliest``.

    In order, what is held up may be due long before the lane is; there ``due_at`` comes and shows
    what can be sent. Only a lane that believes to have nothing at all would never be looked at.
    """
    pending = Delivery.objects.pending().filter(subscription=OuterRef("pk"))
    first = pending.order_by("next_attempt_at").values("next_attempt_at")[:1]
    nothing = Q(due_at=None, earliest__isnull=False)
    too_late = Q(due_at__gt=F("earliest"), subscription__ordering=Ordering.NONE)
    return (
        Lane.objects.filter(subscription__enabled=True)
        .filter(Q(due_at=None) | Q(due_at__gt=now))
        .annotate(earliest=Subquery(first))
        .filter(nothing | too_late)
        .order_by("pk")
    )
