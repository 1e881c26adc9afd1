"""Subscriptions whose receivers fail: warned of, and switched off in the end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from core import events
from core.models import Event
from core.types import Actor, Json
from webhooks.event_types import SUBSCRIPTION_DISABLED, SUBSCRIPTION_FAILING
from webhooks.models import Subscription
from webhooks.services.subscriptions import disable

MAIL_TASK = "webhooks.tasks.mail_staff"


@transaction.atomic
def disable_failing(subscription: Subscription, *, actor: Actor, reason: str) -> None:
    """Switch off a subscription whose receiver is gone or has failed for too long.

    An event tells the tenant, and a mail its staff. What is pending waits, and so does what has
    been given up: once the receiver works again, switch it on and recover the time in between.
    """
    if disable(subscription, actor=actor, reason=reason):
        data: dict[str, Json] = {
            "id": subscription.id,
            "name": subscription.name,
            "reason": reason,
        }
        _tell(subscription, SUBSCRIPTION_DISABLED, data, actor)


@transaction.atomic
def warn_failing(
    subscription: Subscription,
    *,
    failing_since: datetime,
    failures: int,
    disabled_at: datetime,
    actor: Actor,
) -> None:
    """Tell the tenant and its staff that a subscription will be switched off if it goes on failing."""
    data: dict[str, Json] = {
        "id": subscription.id,
        "name": subscription.name,
        "failing_since": failing_since.isoformat(),
        "failures": failures,
        "disabled_at": disabled_at.isoformat(),
    }
    _tell(subscription, SUBSCRIPTION_FAILING, data, actor)


def _tell(
    subscription: Subscription, event_type: str, data: dict[str, Json], actor: Actor
) -> Event:
    event = events.publish(
        subscription.tenant,
        event_type,
        data,
        actor=actor,
        occurred_at=timezone.now(),
        entity_id=subscription.id,
    )
    # Unlike other tasks it is worth another try: nothing else would make up for it.
    transaction.on_commit(
        lambda: async_task(MAIL_TASK, event.id, ack_failure=False),
        robust=True,
    )
    return event
