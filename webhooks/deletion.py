"""Erasing what deleted subscriptions and endpoints have left behind, in the end their row.

They are deleted by one short transaction that hides and switches them off. There may be millions of
deliveries and messages, so these go in the background, in batches that wait for nobody and that
nobody waits long for. What is left is found by the row, so a run that was killed is made up for.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import wakeups
from webhooks.models import Attempt, Delivery, Endpoint, Message, Subscription

BATCH_SIZE = 1_000
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=60)
ERASE_TASK = "webhooks.tasks.erase_deleted"
LONGEST_REQUEST = timedelta(minutes=10)

logger = logging.getLogger(__name__)


def erase_deleted(*, longest: timedelta = LONGEST_RUN) -> int:
    """Erase what is left of deleted rows, a batch of each in turn; return how much of it.

    What somebody has locked is left to the next run, and what takes longer than ``longest`` to a
    new task. Safe to run in several workers at once, and to kill.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    running = deque(_batches(each) for each in _remains())
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remains:
    """A deleted row of ``owner``, to be erased after its rows of ``log`` and those below them."""

    key: str
    owner: Any
    log: Any
    by: str
    below: Any = None
    open: Q = field(default_factory=Q)
    """Rows of the log that something is still to be done with, and that are left until then."""

    def rows(self) -> Any:
        """Return all that is left of the log, also where others are not shown it."""
        return self.log._base_manager.filter(**{self.by: self.key})  # noqa: SLF001  # Django's API


def _remains() -> Iterator[_Remains]:
    subscriptions: Any = Subscription.with_deleted.deleted().order_by("pk")
    for key in subscriptions.values_list("pk", flat=True):
        yield _Remains(key=key, owner=Subscription, log=Delivery, by="subscription", below=Attempt)
    # A request that has found the endpoint before it was deleted may be about to write its message.
    before = timezone.now() - LONGEST_REQUEST
    endpoints: Any = Endpoint.with_deleted.deleted().filter(deleted_at__lt=before).order_by("pk")
    for key in endpoints.values_list("pk", flat=True):
        # What was acknowledged becomes an event, whatever happens to its endpoint.
        yield _Remains(
            key=key, owner=Endpoint, log=Message, by="endpoint", open=Q(due_at__isnull=False)
        )


def _batches(remains: _Remains) -> Iterator[int]:
    """Erase batch by batch, and yield how many rows each had."""
    after = None
    while ids := _erase_next(remains, after):
        yield len(ids)
        # To begin anew would be to read past all that is erased and not yet cleared away.
        after = ids[-1]
    _erase_row(remains)


@transaction.atomic
def _erase_next(remains: _Remains, after: str | None) -> list[Any]:
    """Erase the next rows behind ``after`` with what is below them; return their ids.

    Those that a worker writes to at this moment are passed over. Locked before what is below them
    is looked for, they get no more of it behind this one's back.
    """
    rest = remains.rows() if after is None else remains.rows().filter(pk__gt=after)
    if remains.open:
        rest = rest.exclude(remains.open)
    free = rest.select_for_update(skip_locked=True).order_by("pk")
    ids = list(free.values_list("pk", flat=True)[:BATCH_SIZE])
    if remains.below is not None:
        remains.below._base_manager.filter(delivery__in=ids).delete()  # noqa: SLF001  # Django's API
    # Not ``delete``, which would read all of them to look for what is below once more.
    rows = remains.rows().filter(pk__in=ids)
    rows._raw_delete(rows.db)  # noqa: SLF001  # what ``delete`` ends in
    return ids


@transaction.atomic
def _erase_row(remains: _Remains) -> None:
    """Erase the deleted row itself, if nothing is left that leads to it."""
    row = remains.owner.with_deleted.deleted().filter(pk=remains.key)
    if not row.select_for_update(skip_locked=True).first() or remains.rows().exists():
        return
    row.delete()
    logger.info("deletion.finished", extra={"erased": remains.key})
