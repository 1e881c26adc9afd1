"""What follows for a subscription from how its receiver has been doing.

A receiver that says it is gone (410) is believed at once. One that has failed for
``settings.DISABLE_FAILING_AFTER_HOURS``, and often enough, is switched off; the tenant is warned at
each step on the way there, by an event and by e-mail.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.types import Actor, ActorKind
from webhooks import services
from webhooks.models import Lane, Subscription
from webhooks.open_lanes import OpenLane

GONE_REASON = "the receiver answered 410 Gone"
MIN_FAILURES = 20
STEPS = (50, 75, 90)
ACTOR = Actor(kind=ActorKind.SYSTEM, id="deliveries", label="Webhook deliveries", correlation_id="")

logger = logging.getLogger(__name__)


def look_after(lanes: Collection[OpenLane], *, gone: Collection[OpenLane]) -> None:
    """Switch off what is gone or has failed for too long, and warn of what is on its way there.

    To be called outside of any transaction: to lock a subscription behind its deliveries would
    invite a deadlock.
    """
    now = timezone.now()
    for lane in lanes:
        if lane in gone:
            _switch_off(lane, GONE_REASON)
        elif lane.health.failing_since is not None:
            _judge(lane, lane.health.failing_since, now)


def _judge(lane: OpenLane, since: datetime, now: datetime) -> None:
    """Act on a receiver that has failed since ``since``, if there is evidence enough."""
    health = lane.health
    limit = timedelta(hours=settings.DISABLE_FAILING_AFTER_HOURS)
    if not limit or health.failures < MIN_FAILURES:
        return
    percent = int(100 * ((now - since) / limit))
    if percent >= 100:
        _switch_off(lane, f"the receiver has failed since {since:%Y-%m-%d %H:%M} UTC")
        return
    step = max((each for each in STEPS if each <= percent), default=0)
    if step > health.warned:
        health.warned = step
        if subscription := _subscription(lane):
            Lane.objects.filter(subscription=subscription).update(warned=step)
            services.warn_failing(
                subscription,
                failing_since=since,
                failures=health.failures,
                disabled_at=since + limit,
                actor=ACTOR,
            )


def _switch_off(lane: OpenLane, reason: str) -> None:
    lane.closing = True
    if subscription := _subscription(lane):
        services.disable_failing(subscription, actor=ACTOR, reason=reason)


def _subscription(lane: OpenLane) -> Subscription | None:
    """Return the subscription, unless a person has changed it since the requests were made.

    How the receiver did before says nothing about what it is now.
    """
    rows: Any = Subscription.objects.select_related("tenant")
    unchanged = rows.filter(pk=lane.subscription_id, updated_at=lane.changed_at)
    found: Subscription | None = unchanged.first()
    return found
