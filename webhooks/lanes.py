"""Taking lanes, keeping them and leaving them: who sends for which subscription.

A lane is left under its lock, with a look at what is still pending in it. Whoever adds deliveries
locks it too (``LaneQuerySet.awaken``), so between the two nothing can be overlooked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery

from core.ids import decode
from webhooks import building, ordered, retry
from webhooks.breaker import Breaker
from webhooks.models import Delivery, Lane, Subscription
from webhooks.open_lanes import Health, OpenLane
from webhooks.ordered import BEGINNING
from webhooks.pacing import Rate, Window
from webhooks.types import Outcome

LEASE = timedelta(seconds=15)

Ordering = Subscription.Ordering

# A lane that nobody owns, in which nothing waits and whose receiver has done nothing wrong.
NOTHING_KNOWN: dict[str, Any] = {
    "due_at": None,
    "owner": None,
    "owned_until": None,
    "paused_until": None,
    "trips": 0,
    "failing_since": None,
    "failures": 0,
    "warned": 0,
}


def take(
    owner: UUID, limit: int, now: datetime, lease: timedelta, *, but: Collection[str] = ()
) -> list[OpenLane]:
    """Take up to ``limit`` lanes in which something is due, those that wait longest first.

    None of the tenants ``but`` is among them.
    """
    # What is one's own is kept, even if a clock that was put forward says that the lease has ended.
    due = (
        Lane.objects.due(now).exclude(owner=owner).exclude(tenant__in=list(but)).order_by("due_at")
    )
    # A plain look first: with SQLite it must not cost the write lock.
    if limit <= 0 or not due.exists():
        return []
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True, of=("self",), no_key=True)
        taken = list(free.select_related("subscription").defer("subscription__headers")[:limit])
        keys = [lane.pk for lane in taken]
        Lane.objects.filter(pk__in=keys).update(owner=owner, owned_until=now + lease)
    return _opened(taken, now)


def keep(owner: UUID, now: datetime, lease: timedelta) -> dict[str, datetime | None]:
    """Stay the owner for another while.

    Returns the lanes that are still one's own, with the moment of their subscription's last change;
    None for a subscription from which nothing may be sent any more.
    """
    owned = Lane.objects.owned(owner)
    with transaction.atomic():
        # In the order that all keep to: an UPDATE locks as it finds, which invites a deadlock.
        list(owned.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        owned.update(owned_until=now + lease)
    columns = ("pk", "subscription__updated_at", "subscription__enabled", "tenant__active")
    rows = owned.values_list(*columns)
    return {key: moment if on and active else None for key, moment, on, active in rows}


def renew(used: Iterable[OpenLane], at: float, now: datetime) -> None:
    """Read anew what changes without notice, before it is used: secrets and configuration."""
    outdated = {each.subscription_id: each for each in used if each.is_outdated(at, now)}
    if not outdated:
        return
    for key, workshop in building.workshops(outdated, now).items():
        outdated[key].workshop = workshop
    for lane in outdated.values():
        lane.made_at = at


@transaction.atomic
def leave(owner: UUID, left: Mapping[str, OpenLane | None], at: float, now: datetime) -> None:
    """Leave lanes to whoever wants them next, with all that the next one must know.

    Of a lane without an OpenLane nothing new is known. ``at`` is now on the monotonic clock.
    """
    owned = Lane.objects.owned(owner).filter(pk__in=list(left))
    rows = list(owned.select_for_update(no_key=True).order_by("pk"))
    # A statement of its own: it must see what those have committed for whom the lock waited.
    next_at = _next_attempts({row.pk: left[row.pk] for row in rows}, now)
    emptied = []
    for row in rows:
        due_at, lane = next_at.get(row.pk), left[row.pk]
        if lane is not None and due_at is None and lane.is_well:
            emptied.append(row.pk)
        else:
            _leave(row, lane, due_at, at, now)
    Lane.objects.filter(pk__in=emptied).update(**NOTHING_KNOWN)


def _leave(
    row: Lane, lane: OpenLane | None, due_at: datetime | None, at: float, now: datetime
) -> None:
    row.due_at = due_at
    row.owner = row.owned_until = None
    if lane is not None:
        if row.resumed_at != lane.resumed_at:
            lane.breaker.succeeded()
            if row.failing_since is None:
                lane.health = Health()
        row.paused_until = lane.resting_until(at, now)
        if row.due_at and row.paused_until:
            row.due_at = max(row.due_at, row.paused_until)
        row.trips = lane.breaker.trips
        row.failing_since = lane.health.failing_since
        row.failures = lane.health.failures
        row.warned = lane.health.warned
    row.save(update_fields=list(NOTHING_KNOWN))


def _next_attempts(left: Mapping[str, OpenLane | None], now: datetime) -> dict[str, datetime]:
    """Return when each has something to send next; switched off, a subscription has nothing."""
    # A lower bound, so that PostgreSQL sees which index there is for it, whatever it knows of the rest.
    pending = Delivery.objects.filter(
        subscription=OuterRef("pk"), next_attempt_at__gte=BEGINNING[0]
    ).order_by("next_attempt_at", "id")
    first = Subquery(pending.values("next_attempt_at")[:1])
    rows = Subscription.objects.enabled().filter(pk__in=list(left)).order_by()
    next_at = {
        key: moment for key, moment in rows.values_list("pk").annotate(moment=first) if moment
    }
    for key, lane in left.items():
        # Of a subscription that has just been changed nobody knows yet what keeps to which order.
        if lane is None or not lane.ordered or lane.closing:
            continue
        if key in next_at and next_at[key] <= now:
            next_at[key] = _next_in_order(lane, now)
    return next_at


def _next_in_order(lane: OpenLane, now: datetime) -> datetime:
    """Return when a lane has something to send of which nothing holds it up.

    To come back for what is due but held up would be to come back at once, again and again.
    """
    # Where not all has been looked at yet, there may be something.
    if not lane.exhausted:
        return now
    line = ordered.Line(
        subscription=decode("sub", lane.subscription_id), now=now, blocks_since=lane.blocks_since()
    )
    return ordered.next_at(line, lane.blocks_for) or now


def _opened(taken: Sequence[Lane], now: datetime) -> list[OpenLane]:
    made = building.workshops([lane.pk for lane in taken], now)
    return [_open(lane, made[lane.pk], now) for lane in taken if lane.pk in made]


def _open(lane: Lane, workshop: building.Workshop | Outcome, now: datetime) -> OpenLane:
    subscription = lane.subscription
    seconds = subscription.ordering_seconds
    blocks_for = (
        None if subscription.ordering == Ordering.BLOCK else timedelta(seconds=seconds or 0)
    )
    return OpenLane(
        subscription_id=lane.pk,
        tenant_id=lane.tenant_id,
        changed_at=subscription.updated_at,
        resumed_at=lane.resumed_at,
        workshop=workshop,
        policy=retry.parse_policy(subscription.retry_policy),
        window=Window(limit=subscription.concurrency),
        breaker=Breaker(trips=lane.trips, paused_until=lane.paused_until),
        health=Health(failing_since=lane.failing_since, failures=lane.failures, warned=lane.warned),
        rate=Rate(per_minute=subscription.rate_limit) if subscription.rate_limit else None,
        ordered=subscription.ordering != Ordering.NONE,
        blocks_for=blocks_for,
    )
