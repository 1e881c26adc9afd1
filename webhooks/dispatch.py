"""Which events are owed to which subscriptions. Runs inside the dispatcher's transaction."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice

from django.utils import timezone

from core import wakeups
from core.errors import DecryptionError
from core.expressions import ExpressionError, compile_expression, matches
from core.models import Event, Tenant
from core.types import Json
from webhooks import patterns, rendering
from webhooks.building import config_for
from webhooks.models import Delivery, Lane, Subscription

DELIVER_TASK = "webhooks.tasks.deliver"
INSERT_SIZE = 2_000

logger = logging.getLogger(__name__)


def consume(tenant: Tenant, events: Sequence[Event]) -> None:
    """Write a pending delivery for every subscription that wants one of ``events``.

    Safe to call twice with the same events. Locks the subscriptions, so that one that is switched
    off or deleted at the same time gets either all or none of them.
    """
    now = timezone.now()
    subscriptions = list(
        Subscription.objects.for_tenant(tenant)
        .enabled()
        .select_for_update(no_key=True)
        .order_by("id")
        .defer("headers", "payload")
    )
    by_type: dict[str, list[Event]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event)
    owed = (
        delivery
        for subscription in subscriptions
        for delivery in _wanted(tenant, subscription, by_type, now)
    )
    awakened: set[str] = set()
    # In portions: one batch of events can be owed to thousands of subscriptions.
    while portion := list(islice(owed, INSERT_SIZE)):
        Delivery.objects.bulk_create(portion, ignore_conflicts=True)
        awakened.update(delivery.subscription_id for delivery in portion)
    if awakened:
        awaken(awakened, now)


def awaken(subscriptions: Collection[str], now: datetime) -> None:
    """Say that there is something to send, and call who sends it after the commit."""
    Lane.objects.awaken(subscriptions, now)
    wakeups.wake(DELIVER_TASK)


def fan_out(tenant: Tenant) -> int:
    """Return to how many subscriptions an event may be owed."""
    return int(Subscription.objects.for_tenant(tenant).enabled().count())


def _wanted(
    tenant: Tenant,
    subscription: Subscription,
    by_type: Mapping[str, Sequence[Event]],
    now: datetime,
) -> list[Delivery]:
    chosen = [
        event
        for event_type, events in by_type.items()
        if patterns.matches(subscription.event_types, event_type)
        for event in events
    ]
    if not chosen:
        return []
    if not subscription.filter:
        return [_pending(subscription, event, now) for event in chosen]
    return _filtered(tenant, subscription, chosen, now)


def _filtered(
    tenant: Tenant, subscription: Subscription, events: Sequence[Event], now: datetime
) -> list[Delivery]:
    """Return what the filter lets through.

    An event on which it fails is not sent, and not forgotten either: its delivery is dead from
    the start, says why, and can be replayed.
    """
    deliveries = []
    try:
        expression = compile_expression(subscription.filter)
        config: dict[str, str] = config_for(tenant, expression.names)
    except (ExpressionError, DecryptionError) as error:
        return [_dead(subscription, event, error, now) for event in events]
    for event in events:
        envelope: dict[str, Json] = event.envelope()
        try:
            if matches(expression, rendering.scope_of(envelope, config), now=now):
                deliveries.append(_pending(subscription, event, now))
        except ExpressionError as error:
            deliveries.append(_dead(subscription, event, error, now))
    return deliveries


def _pending(subscription: Subscription, event: Event, now: datetime) -> Delivery:
    return Delivery(
        tenant_id=subscription.tenant_id,
        event=event,
        subscription=subscription,
        position=event.position or 0,
        ordering_key=_ordering_key(subscription, event),
        next_attempt_at=now,
        created_at=now,
    )


def _ordering_key(subscription: Subscription, event: Event) -> str:
    """Return what must be delivered in its order; an event of no entity waits for nobody."""
    return "" if subscription.ordering == Subscription.Ordering.NONE else event.entity_id


def _dead(subscription: Subscription, event: Event, error: Exception, now: datetime) -> Delivery:
    logger.warning(
        "webhook.filter_failed",
        extra={"subscription": subscription.id, "event": event.id, "error": str(error)},
    )
    return Delivery(
        tenant_id=subscription.tenant_id,
        event=event,
        subscription=subscription,
        position=event.position or 0,
        state=Delivery.State.DEAD,
        last_error=f"filter: {error}"[:500],
        created_at=now,
        finished_at=now,
    )
