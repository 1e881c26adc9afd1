"""Erasing what deleted subscriptions have left behind: deliveries, attempts, in the end their row.

A subscription is deleted by one short transaction that hides it and switches it off. There may be
millions of deliveries, so these go in the background, in batches that wait for nobody and that
nobody waits long for. What is left is found by the row, so a run that was killed is made up for.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction

from core import wakeups
from webhooks.models import Attempt, Delivery, Subscription

BATCH_SIZE = 1_000
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=60)
ERASE_TASK = "webhooks.tasks.erase_deleted"

logger = logging.getLogger(__name__)


def erase_deleted(*, longest: timedelta = LONGEST_RUN) -> int:
    """Erase what is left of deleted subscriptions, a batch of each in turn; return how many deliveries.

    What somebody has locked is left to the next run, and what takes longer than ``longest`` to a
    new task. Safe to run in several workers at once, and to kill.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    deleted: Any = Subscription.with_deleted.deleted().order_by("pk")
    running = deque(_batches(key) for key in deleted.values_list("pk", flat=True))
    total = 0
    while running:
        batches = running.popleft()
        erased = next(batches, 0)
        if erased:
            total += erased
            running.append(batches)
        if running and time.monotonic() >= ends_at:
            wakeups.wake(ERASE_TASK)
            break
    return total


def _batches(key: str) -> Iterator[int]:
    """Erase a subscription batch by batch, and yield how many deliveries each had."""
    after = None
    while ids := _erase_next(key, after):
        yield len(ids)
        # To begin anew would be to read past all that is erased and not yet cleared away.
        after = ids[-1]
    _erase_row(key)


@transaction.atomic
def _erase_next(key: str, after: str | None) -> list[Any]:
    """Erase the next deliveries behind ``after`` with their attempts; return their ids.

    Those that a worker writes to at this moment are passed over. Locked before their attempts are
    looked for, they get no new ones behind this one's back.
    """
    rest = _deliveries_of(key) if after is None else _deliveries_of(key).filter(pk__gt=after)
    free = rest.select_for_update(skip_locked=True).order_by("pk")
    ids = list(free.values_list("pk", flat=True)[:BATCH_SIZE])
    Attempt._base_manager.filter(delivery__in=ids).delete()  # noqa: SLF001  # Django's API
    # Not ``delete``, which would read all of them to look for attempts once more.
    rows = _deliveries_of(key).filter(pk__in=ids)
    rows._raw_delete(rows.db)  # noqa: SLF001  # what ``delete`` ends in
    return ids


@transaction.atomic
def _erase_row(key: str) -> None:
    """Erase the row of a subscription, if nothing is left that leads to it."""
    row = Subscription.with_deleted.deleted().filter(pk=key)
    if not row.select_for_update(skip_locked=True).first() or _deliveries_of(key).exists():
        return
    row.delete()
    logger.info("subscription.erased", extra={"subscription": key})


def _deliveries_of(key: str) -> Any:
    """Return all deliveries of a subscription, also where others are not shown them."""
    rows: Any = Delivery._base_manager  # noqa: SLF001  # Django's API
    return rows.filter(subscription=key)
