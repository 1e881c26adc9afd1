"""Builders of subscriptions and of events for them."""

from datetime import datetime, timedelta
from typing import Unpack

from django.utils import timezone

from core import events
from core.models import Event, Tenant
from core.types import Json
from tests.makers import make_actor
from webhooks import services
from webhooks.models import Delivery, Lane, Replay, Subscription
from webhooks.services import Span
from webhooks.types import SubscriptionFields

SECRET = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

# A URL at which nothing listens, for subscriptions that are never sent to.
NOWHERE = "http://127.0.0.1:59999/hook"

ORDER: dict[str, Json] = {
    "id": "rec_01jd3k8x5rf0bv6zq2n9y4t7hm",
    "customer_name": 'Mia "Minou" Berg',
    "items": [{"sku": "TEA-1", "quantity": 2}],
    "total": 120.5,
    "status": "paid",
}


def make_subscription(
    tenant: Tenant,
    url: str = NOWHERE,
    /,
    *,
    secret: str = SECRET,
    **fields: Unpack[SubscriptionFields],
) -> Subscription:
    """Create a subscription to every event of orders, unless ``fields`` say otherwise."""
    wanted = SubscriptionFields(name="Warehouse", event_types=["order.*"], url=url)
    wanted.update(fields)
    saved = services.create_subscription(tenant, wanted, actor=make_actor(), secret=secret)
    return saved.subscription


def publish(
    tenant: Tenant, event_type: str = "order.created", data: dict[str, Json] | None = None
) -> Event:
    """Publish an event without dispatching it."""
    return events.publish(
        tenant,
        event_type,
        ORDER if data is None else data,
        actor=make_actor(),
        occurred_at=timezone.now(),
        entity_id="rec_01jd3k8x5rf0bv6zq2n9y4t7hm",
    )


def make_due(delivery: Delivery) -> None:
    """Have a pending delivery sent at once, whatever it is waiting for."""
    now = timezone.now()
    Delivery.objects.filter(id=delivery.id).update(next_attempt_at=now)
    Lane.objects.filter(subscription=delivery.subscription_id).update(due_at=now, paused_until=None)


def make_delivery(subscription: Subscription, event_type: str = "order.created") -> Delivery:
    """Publish an event, dispatch it, and return what is owed to ``subscription`` for it."""
    event = publish(subscription.tenant, event_type)
    events.dispatch()
    delivery: Delivery = Delivery.objects.get(event=event, subscription=subscription)
    return delivery


def make_replay(
    tenant: Tenant, subscription: Subscription | None = None, *, total: int = 2_000
) -> Replay:
    """Return a long replay of all that was given up today, of which nothing is done yet."""
    now = timezone.now()
    replay: Replay = Replay.objects.create(
        tenant=tenant,
        subscription=subscription,
        since=now - timedelta(days=1),
        until=now,
        actor="a test",
        total=total,
        created_at=now,
    )
    return replay


def give_up(*deliveries: Delivery, at: datetime | None = None) -> None:
    """Have deliveries look as if the last of their retries had failed, now or ``at`` a moment."""
    Delivery.objects.filter(id__in=[each.id for each in deliveries]).update(
        state=Delivery.State.DEAD,
        next_attempt_at=None,
        finished_at=at or timezone.now(),
        attempts=8,
        failures=8,
    )
    for each in deliveries:
        each.refresh_from_db()


def make_owed(tenant: Tenant) -> Delivery:
    """Return a pending delivery to a subscription of its own."""
    return make_delivery(make_subscription(tenant, NOWHERE))


def make_dead(
    subscription: Subscription, count: int, *, at: datetime | None = None
) -> list[Delivery]:
    """Return deliveries that were given up, a second apart, the first one ``at`` a moment."""
    began = at or timezone.now() - timedelta(hours=1)
    for _ in range(count):
        publish(subscription.tenant)
    events.dispatch()
    pending = Delivery.objects.filter(subscription=subscription).pending().order_by("id")
    deliveries = list(pending)
    for number, delivery in enumerate(deliveries):
        give_up(delivery, at=began + timedelta(seconds=number))
    return deliveries


def count_pending(subscription: Subscription) -> int:
    """Return how many deliveries are owed to a subscription."""
    count: int = Delivery.objects.filter(subscription=subscription).pending().count()
    return count


def last_day(subscription: Subscription | None = None) -> Span:
    """Return what was given up within a day, of all subscriptions or of one."""
    return Span(since=timezone.now() - timedelta(days=1), subscription=subscription)
