"""The drain: claims what is due, sends it, records what came of it, until nothing is due.

At least once: a claim is a lease. A worker that dies leaves its claims behind, and when their
lease ends another one sends the same requests again, with the same ``webhook-id``. What a worker
that lost its lease brings home is dropped: every write is fenced by the claim.

Only the calling thread touches the database, and never inside a transaction while it waits.
"""

import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import wakeups
from core.models import Wakeup
from webhooks import building
from webhooks.dispatch import DELIVER_TASK
from webhooks.models import Delivery, Subscription
from webhooks.recording import record
from webhooks.sending import send
from webhooks.types import OutboundRequest, Outcome

LEASE_MARGIN = timedelta(seconds=30)
# A drain stops taking on work well before the task queue would kill it (Q_CLUSTER's timeout).
BUDGET = timedelta(seconds=200)
TICK_SECONDS = 0.2
GATHER_SECONDS = 0.01
# One subscription may hold a quarter of the senders, however slow its receiver is.
SHARE_OF_ONE_SUBSCRIPTION = 4
NO_TIME = timedelta(0)

logger = logging.getLogger(__name__)


def drain(
    *, linger: timedelta = NO_TIME, lease: timedelta | None = None, budget: timedelta = BUDGET
) -> int:
    """Send whatever is due, of every tenant; return how many attempts that took.

    Stays for retries that are due within ``linger``, as long as no other task waits for a worker.
    ``lease`` replaces the time after which others may take over what this drain has claimed.
    After ``budget`` it takes on nothing new and leaves the rest to a drain that it wakes.
    """
    ends_at = time.monotonic() + budget.total_seconds()
    in_flight: dict[Future[Outcome], Delivery] = {}
    attempts = 0
    while True:
        in_time = time.monotonic() < ends_at
        claimed = claim(settings.DELIVERY_THREADS - len(in_flight), lease=lease) if in_time else []
        attempts += _start(claimed, in_flight)
        if in_flight:
            attempts += _collect(in_flight)
        elif not in_time:
            wakeups.wake(DELIVER_TASK)
            return attempts
        elif not claimed:
            if not _more_comes(linger):
                return attempts
            time.sleep(TICK_SECONDS)


def claim(limit: int, *, lease: timedelta | None = None) -> list[Delivery]:
    """Take up to ``limit`` due deliveries for this worker and return them, ready to be built.

    Subscriptions come in random order, and one that has its share of senders is passed over: a
    slow receiver delays its own deliveries and no others. Without ``lease`` a claim lasts as long
    as its request may take, and a margin.
    """
    share = max(1, settings.DELIVERY_THREADS // SHARE_OF_ONE_SUBSCRIPTION)
    claim_id = uuid4()
    now = timezone.now()
    # Plain reads first: with SQLite, looking must not cost the write lock.
    in_flight = Delivery.objects.in_flight_by_subscription(now)
    full = [key for key, number in in_flight.items() if number >= share]
    waiting = Subscription.objects.with_due_deliveries(now).exclude(id__in=full).order_by("?")
    taken = 0
    for subscription in waiting.only("id", "timeout_seconds")[: max(0, limit)]:
        until = now + (lease or building.timeout_of(subscription) + LEASE_MARGIN)
        room = min(share - in_flight.get(subscription.id, 0), limit - taken)
        with transaction.atomic():
            taken += Delivery.objects.claim(subscription, room, now, until, claim_id)
        if taken >= limit:
            break
    if not taken:
        return []
    return list(
        Delivery.objects.filter(claim_id=claim_id)
        .select_related("event", "subscription__tenant")
        # Read with the secrets, where one that cannot be decrypted stops nobody else.
        .defer("subscription__headers")
    )


def _start(claimed: Sequence[Delivery], in_flight: dict[Future[Outcome], Delivery]) -> int:
    """Hand requests to the senders; return how many deliveries ended before they could be sent."""
    senders = _senders(settings.DELIVERY_THREADS, os.getpid())
    unsendable = []
    for delivery, request in building.build(claimed, timezone.now()):
        if isinstance(request, OutboundRequest):
            in_flight[senders.submit(send, request)] = delivery
        else:
            unsendable.append((delivery, request))
    record(unsendable, timezone.now())
    return len(unsendable)


def _collect(in_flight: dict[Future[Outcome], Delivery]) -> int:
    """Record what has come back by now, waiting a moment for it; return how much that was."""
    wait(in_flight, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
    # Answers come in flocks: a moment's patience writes many down in one transaction.
    finished, _ = wait(in_flight, timeout=GATHER_SECONDS)
    record([(in_flight.pop(future), _outcome(future)) for future in finished], timezone.now())
    return len(finished)


def _outcome(future: Future[Outcome]) -> Outcome:
    """Return what came of a request; a fault of ours counts as a failed attempt and is logged."""
    error = future.exception()
    if error is None:
        return future.result()
    logger.error("webhook.sender_failed", exc_info=error)
    return Outcome(
        started_at=timezone.now(),
        error_code="INTERNAL",
        error="the request could not be made because of a fault in Patchbay, which is in its log",
    )


def _more_comes(linger: timedelta) -> bool:
    """Say whether a retry is due so soon that it is worth waiting for."""
    if not linger or Wakeup.objects.filter(queued=True).exists():
        return False
    soon = timezone.now() + linger
    return bool(Subscription.objects.with_due_deliveries(soon).exists())


@lru_cache(maxsize=1)
def _senders(threads: int, process: int) -> ThreadPoolExecutor:
    """Return the threads of this process; they outlive a drain, and so do their connections."""
    del process  # a fork inherits the cache, but not the threads
    return ThreadPoolExecutor(threads, thread_name_prefix="webhook-sender")
