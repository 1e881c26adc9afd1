"""Sending finished deliveries again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core import audit, wakeups
from core.models import Tenant
from core.types import Actor
from webhooks.dispatch import DELIVER_TASK
from webhooks.errors import NotReplayableError
from webhooks.models import Delivery, Subscription
from webhooks.querysets import DeliveryQuerySet


@transaction.atomic
def replay(delivery: Delivery, *, actor: Actor) -> None:
    """Put a finished delivery back at the head of the queue, with all its retries.

    Raises NotReplayableError while it is still pending. The receiver sees the same ``webhook-id``.
    """
    if not Delivery.objects.filter(id=delivery.id).restart(timezone.now()):
        raise NotReplayableError(
            f"The delivery {delivery.id} is still pending: it will be sent in its time."
        )
    wakeups.wake(DELIVER_TASK)
    audit.record("delivery.replayed", tenant=delivery.tenant, actor=actor, target=delivery)
    delivery.refresh_from_db()


@transaction.atomic
def replay_many(tenant: Tenant, deliveries: DeliveryQuerySet, *, actor: Actor) -> int:
    """Put the finished ones among a tenant's ``deliveries`` back in the queue; return how many."""
    count = deliveries.for_tenant(tenant).restart(timezone.now())
    if count:
        wakeups.wake(DELIVER_TASK)
        audit.record("deliveries.replayed", tenant=tenant, actor=actor, details={"count": count})
    return count


def replay_dead(
    tenant: Tenant, *, since: datetime, actor: Actor, subscription: Subscription | None = None
) -> int:
    """Put back in the queue what was given up at ``since`` or later; return how many."""
    dead = Delivery.objects.dead_since(since)
    if subscription is not None:
        dead = dead.filter(subscription=subscription)
    return replay_many(tenant, dead, actor=actor)
