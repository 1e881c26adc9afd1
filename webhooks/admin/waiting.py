"""Why a delivery that is pending has not been sent yet, in one sentence."""

from datetime import datetime, timedelta

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.display import EMPTY, age, link_to
from webhooks.breaker import Circuit
from webhooks.models import Delivery, Subscription


def reason(delivery: Delivery, now: datetime) -> SafeString | str:
    """Return what a delivery waits for; what is finished waits for nothing."""
    if delivery.next_attempt_at is None:
        return EMPTY
    if not delivery.tenant.active:
        return "The tenant is switched off: it waits until it is switched on again."
    if not delivery.subscription.enabled:
        return "The subscription is switched off: it waits until that is switched on again."
    return _of_receiver(delivery, now) or _of_delivery(delivery, now)


def _of_receiver(delivery: Delivery, now: datetime) -> SafeString | str:
    lane = delivery.subscription.lane
    if lane.circuit(now) == Circuit.OPEN:
        return format_html(
            "The receiver keeps failing and is left alone; it is tried again {}.",
            age(lane.paused_until, now),
        )
    return ""


def _of_delivery(delivery: Delivery, now: datetime) -> SafeString | str:
    if delivery.next_attempt_at and delivery.next_attempt_at > now:
        return format_html("It failed and is tried again {}.", age(delivery.next_attempt_at, now))
    first = _first_in_order(delivery, now)
    if first is not None:
        return format_html(
            "It keeps the order of {}: {} goes first.", delivery.ordering_key, link_to(first)
        )
    return "It is in the queue and is sent as soon as its turn comes."


def _first_in_order(delivery: Delivery, now: datetime) -> Delivery | None:
    """Return the earliest delivery that holds this one up, if the order is kept."""
    subscription = delivery.subscription
    if not delivery.ordering_key or subscription.ordering == Subscription.Ordering.NONE:
        return None
    earlier = Delivery.objects.pending().filter(
        subscription=delivery.subscription_id,
        ordering_key=delivery.ordering_key,
        position__lt=delivery.position,
    )
    if subscription.ordering != Subscription.Ordering.BLOCK:
        held = timedelta(seconds=subscription.ordering_seconds or 0)
        earlier = earlier.exclude(failures__gt=0, created_at__lte=now - held)
    found: Delivery | None = earlier.order_by("position").first()
    return found
