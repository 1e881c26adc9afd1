"""Sending again all that was given up in a period: at once what is little, in batches what is much.

A long replay is a row, so it goes on where it was when the process that did it is killed: a batch is
one transaction, and what it has put back in the queue is not found again by the next one.
"""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from core import audit, wakeups
from core.models import Tenant
from core.types import Actor
from webhooks.models import Delivery, Lane, Replay, Subscription
from webhooks.querysets import DeliveryQuerySet
from webhooks.services.replays import check_enabled, restart

BATCH_SIZE = 1_000
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=60)
REPLAY_TASK = "webhooks.tasks.replay"
ACTOR_CHARACTERS = 200

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What was given up at ``since`` or later and before ``until``, or before now."""

    since: datetime
    until: datetime | None = None
    subscription: Subscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How many deliveries are sent again, and the replay that does it when there are many."""

    count: int
    replay: Replay | None = None


def count_recoverable(tenant: Tenant, span: Span) -> int:
    """Return how many deliveries ``recover`` would send again now.

    Raises SubscriptionDisabledError.
    """
    _check(span)
    count: int = _given_up(tenant, span, timezone.now()).count()
    return count


@transaction.atomic
def recover(tenant: Tenant, span: Span, *, actor: Actor) -> Recovery:
    """Send again what was given up in a period; in the background if that is more than BATCH_SIZE.

    Passes over what cannot be sent: of subscriptions that are switched off, and of events whose data
    has been erased. Raises SubscriptionDisabledError when the span names such a subscription.
    """
    _check(span)
    now = timezone.now()
    found = _given_up(tenant, span, now)
    few: dict[Any, Any] = dict(found.order_by().values_list("pk", "subscription")[: BATCH_SIZE + 1])
    if len(few) > BATCH_SIZE:
        return _start(tenant, span, found, now, actor)
    count = restart(few, now)
    if count:
        Lane.objects.resume(set(few.values()), now)
        details = {"count": count, **_in_words(span)}
        audit.record("deliveries.replayed", tenant=tenant, actor=actor, details=details)
    return Recovery(count=count)


def go_on(*, longest: timedelta = LONGEST_RUN) -> int:
    """Do what is left of all long replays, a batch of each in turn; return how many deliveries.

    After ``longest`` the rest is left to a new task. Safe to run in several workers at once. What
    goes wrong with a replay is raised when those of others are done, or only logged when the time
    is up before.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    total = 0
    failed: dict[str, Exception] = {}
    while running := _running(failed):
        for key in running:
            try:
                total += _next_batch(key)
            except Exception as error:  # the outermost loop: one replay must not stop the others
                logger.exception("webhook.replay_failed", extra={"replay": key})
                failed[key] = error
            if time.monotonic() >= ends_at:
                wakeups.wake(REPLAY_TASK)
                return total
    for failure in failed.values():
        raise failure
    return total


@transaction.atomic
def cancel(replay: Replay, *, actor: Actor) -> None:
    """Stop a long replay; what it has put back in the queue stays there. Safe to call twice."""
    running = Replay.objects.filter(pk=replay.pk, finished_at=None)
    if running.update(finished_at=timezone.now(), canceled=True):
        audit.record("replay.canceled", tenant=replay.tenant, actor=actor, target=replay)
    replay.refresh_from_db()


def _running(failed: Collection[str]) -> list[str]:
    rows = Replay.objects.going_on().exclude(pk__in=list(failed))
    keys: list[Any] = list(rows.values_list("pk", flat=True))
    return keys


def _check(span: Span) -> None:
    if span.subscription is not None:
        check_enabled(span.subscription)


def _hold(span: Span) -> None:
    """Keep the subscription of a span from being deleted in this transaction.

    Raises SubscriptionDisabledError when that has happened meanwhile.
    """
    if span.subscription is not None:
        rows = Subscription.objects.filter(pk=span.subscription.pk)
        rows.select_for_update(no_key=True).first()
        check_enabled(span.subscription)


def _given_up(tenant: Tenant, span: Span, now: datetime) -> DeliveryQuerySet:
    until = now if span.until is None else min(span.until, now)
    dead = Delivery.objects.for_tenant(tenant).dead_between(span.since, until).replayable()
    if span.subscription is not None:
        dead = dead.filter(subscription=span.subscription)
    rows: DeliveryQuerySet = dead
    return rows


def _start(
    tenant: Tenant, span: Span, found: DeliveryQuerySet, now: datetime, actor: Actor
) -> Recovery:
    # Counted before anything is locked: with millions of them that takes a while.
    counts = dict(found.order_by().values_list("subscription").annotate(Count("pk")))
    _hold(span)
    Lane.objects.resume(counts, now)
    replay = Replay.objects.create(
        tenant=tenant,
        subscription=span.subscription,
        since=span.since,
        until=now if span.until is None else min(span.until, now),
        actor=actor.label[:ACTOR_CHARACTERS],
        total=sum(counts.values()),
        created_at=now,
    )
    details = {"count": replay.total, **_in_words(span)}
    audit.record("replay.started", tenant=tenant, actor=actor, target=replay, details=details)
    wakeups.wake(REPLAY_TASK)
    return Recovery(count=replay.total, replay=replay)


@transaction.atomic
def _next_batch(key: str) -> int:
    """Put the next deliveries of a replay back in the queue; those given up first come first."""
    going_on = Replay.objects.going_on().filter(pk=key)
    replay = going_on.select_for_update(no_key=True, of=("self",)).first()
    if replay is None:
        return 0
    now = timezone.now()
    span = Span(since=replay.since, until=replay.until, subscription=replay.subscription)
    found = _given_up(replay.tenant, span, now).order_by("finished_at", "pk")
    ids: list[Any] = list(found.values_list("pk", flat=True)[:BATCH_SIZE])
    count = restart(ids, now)
    replay.done += count
    replay.save(update_fields=["done"])
    if len(ids) < BATCH_SIZE:  # switched off meanwhile, a subscription hides what is left
        going_on.update(finished_at=now)
    return count


def _in_words(span: Span) -> dict[str, str]:
    words = {"since": span.since.isoformat()}
    if span.until is not None:
        words["until"] = span.until.isoformat()
    if span.subscription is not None:
        words["subscription"] = span.subscription.id
    return words
