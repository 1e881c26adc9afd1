"""Subscriptions, and a backlog of deliveries that are owed to them."""

import time
from collections.abc import Callable

from django.utils import timezone

from bench import assignments
from bench.assignments import Message, Preparation, Receiver
from bench.product.samples import ACTOR, order
from bench.sizes import EVENT_BYTES
from core import events
from core.models import Tenant
from core.services import create_tenant
from webhooks.models import Delivery
from webhooks.services import create_subscription
from webhooks.types import SubscriptionFields

PUBLISHED_AT_ONCE = 500


def ready(fields: Message) -> Callable[[], Message]:
    """Return the work: subscribe, publish, hand out."""
    given = assignments.preparation(fields)
    return lambda: prepare(given)


def prepare(given: Preparation) -> Message:
    """Return how many deliveries are owed now, and how many a second were handed out."""
    tenant = create_tenant("bench", name="Benchmark", actor=ACTOR)
    for receiver in given.receivers:
        _subscribe(tenant, receiver)
    for first in range(0, given.events, PUBLISHED_AT_ONCE):
        _publish(tenant, given, range(first, min(first + PUBLISHED_AT_ONCE, given.events)))
    started = time.perf_counter()
    while events.dispatch():
        pass
    seconds = time.perf_counter() - started
    owed = Delivery.objects.count()
    return {"deliveries": owed, "dispatched_per_s": owed / seconds}


def _subscribe(tenant: Tenant, receiver: Receiver) -> None:
    """Subscribe to the standard envelope, signed with HMAC: what one gets by saying nothing."""
    wanted = SubscriptionFields(
        name=receiver.name, url=receiver.url, event_types=list(receiver.event_types)
    )
    create_subscription(tenant, wanted, actor=ACTOR)


def _publish(tenant: Tenant, given: Preparation, numbers: range) -> None:
    now = timezone.now()
    drafts = [
        events.draft(
            tenant,
            given.event_types[number % len(given.event_types)],
            order(number, EVENT_BYTES),
            actor=ACTOR,
            occurred_at=now,
            entity_id=f"order-{number:07}",
        )
        for number in numbers
    ]
    events.publish_many(tenant, drafts)
