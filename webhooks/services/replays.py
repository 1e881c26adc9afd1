"""Sending deliveries again that are finished, and sooner those that are not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import Event, Tenant
from core.types import Actor
from webhooks.dispatch import awaken
from webhooks.errors import NotReplayableError, SubscriptionDisabledError
from webhooks.models import Delivery, Lane, Subscription
from webhooks.querysets import DeliveryQuerySet


@transaction.atomic
def replay(delivery: Delivery, *, actor: Actor) -> None:
    """Put a finished delivery back in the queue, with all its retries.

    The receiver sees the same ``webhook-id``. Raises NotReplayableError while it is still pending
    and when its event has been erased, and SubscriptionDisabledError.
    """
    check_enabled(delivery.subscription)
    now = timezone.now()
    if not restart([delivery.pk], now):
        raise _refusal(delivery)
    Lane.objects.resume([delivery.subscription_id], now)
    audit.record("delivery.replayed", tenant=delivery.tenant, actor=actor, target=delivery)
    delivery.refresh_from_db()


@transaction.atomic
def retry_now(delivery: Delivery, *, actor: Actor) -> None:
    """Have a pending delivery sent now, whatever it waits for, also while the circuit is open.

    Its retries go on counting, and what its subscription was told to keep to is kept: how much at
    once, how often, in which order. Raises NotReplayableError when it is finished, and
    SubscriptionDisabledError.
    """
    check_enabled(delivery.subscription)
    now = timezone.now()
    pending = Delivery.objects.filter(pk=delivery.pk).pending().select_for_update(no_key=True)
    row = pending.first()
    if row is None:
        raise NotReplayableError(f"The delivery {delivery.id} is finished: replay it.")
    row.next_attempt_at = min(row.next_attempt_at or now, now)
    row.save(update_fields=["next_attempt_at"])
    awaken([delivery.subscription_id], now)
    Lane.objects.resume([delivery.subscription_id], now)
    audit.record("delivery.retried", tenant=delivery.tenant, actor=actor, target=delivery)
    delivery.refresh_from_db()


@transaction.atomic
def replay_many(tenant: Tenant, deliveries: DeliveryQuerySet, *, actor: Actor) -> int:
    """Put back in the queue what can be sent again of a tenant's ``deliveries``; return how many.

    There may be some thousand of them, not more: it is done in one transaction.
    """
    rows = deliveries.for_tenant(tenant).replayable().order_by()
    chosen: dict[Any, Any] = dict(rows.values_list("pk", "subscription"))
    now = timezone.now()
    count = restart(chosen, now)
    if count:
        Lane.objects.resume(set(chosen.values()), now)
        audit.record("deliveries.replayed", tenant=tenant, actor=actor, details={"count": count})
    return count


def _refusal(delivery: Delivery) -> NotReplayableError:
    """Return why a delivery was not put back in the queue."""
    if Event.objects.filter(pk=delivery.event_id, data=None).exists():
        return NotReplayableError(
            f"The data of the event of {delivery.id} has been erased: nothing is left to send."
        )
    return NotReplayableError(
        f"The delivery {delivery.id} is still pending: it will be sent in its time. Retry it to"
        " have it sent now."
    )


def restart(ids: Iterable[str], now: datetime) -> int:
    """Make the finished ones of some deliveries due, and call who sends them; return how many.

    Passes over those whose event has been erased. To be called in a transaction. First the events
    are locked and then the deliveries, each in the order of their ids, so that two who replay the
    same ones at once wait for each other and never for ever.
    """
    chosen_rows = Delivery.objects.filter(pk__in=list(ids)).order_by("pk")
    rows = chosen_rows.filter(event__in=_held(chosen_rows))
    locked = rows.select_for_update(no_key=True).values_list("pk", "subscription", "state")
    chosen: dict[Any, Any] = {
        key: owner for key, owner, state in locked if state != Delivery.State.PENDING
    }
    if not chosen:
        return 0
    count: int = Delivery.objects.filter(pk__in=list(chosen)).restart(now)
    awaken(set(chosen.values()), now)
    return count


def _held(deliveries: DeliveryQuerySet) -> list[Any]:
    """Return the events of some deliveries that still have their data, which is kept from now on.

    Whoever erases them passes over what is locked, and later finds that it is owed to somebody.
    """
    events = set(deliveries.order_by().values_list("event", flat=True))
    known = Event.objects.filter(pk__in=events, data__isnull=False).order_by("pk")
    return list(known.select_for_update(no_key=True).values_list("pk", flat=True))


def check_enabled(subscription: Subscription) -> None:
    """Raise SubscriptionDisabledError when nothing is sent to ``subscription``.

    Raises Subscription.DoesNotExist when it has been deleted meanwhile.
    """
    if not Subscription.objects.get(pk=subscription.pk).enabled:
        raise SubscriptionDisabledError(
            f"The subscription {subscription.name} is switched off: nothing is sent to it. Switch it"
            " on first."
        )
