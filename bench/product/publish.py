"""Events one by one, as they happen, each in a transaction of its own."""

import random
import time
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils import timezone

from bench.assignments import Message, Publication
from bench.product.samples import ACTOR, order
from bench.sizes import EVENT_BYTES
from core import events
from core.models import Tenant


def ready(fields: Message) -> Callable[[], Message]:
    """Return the work: publish one after the other."""
    tenant: Tenant = Tenant.objects.get()
    return partial(publish, tenant, Publication(**fields))


def publish(tenant: Tenant, given: Publication) -> Message:
    """Return when each event was committed, in nanoseconds since 1970, and how many a second were.

    Who is late does not wait again: the pace is kept as far as commits are fast enough.
    """
    committed: dict[str, int] = {}
    started = due = time.monotonic()
    for number in range(given.events):
        due += random.uniform(*given.gap_seconds)  # noqa: S311  # nobody gains by guessing it
        time.sleep(max(0.0, due - time.monotonic()))
        _publish_one(tenant, number, given.event_types[number % len(given.event_types)], committed)
    return {"committed": committed, "events_per_s": given.events / (time.monotonic() - started)}


def _publish_one(tenant: Tenant, number: int, event_type: str, committed: dict[str, int]) -> None:
    moments: list[int] = []
    with transaction.atomic():
        # The first thing after the commit, before anybody is woken.
        transaction.on_commit(lambda: moments.append(time.time_ns()))
        event = events.publish(
            tenant,
            event_type,
            order(number, EVENT_BYTES),
            actor=ACTOR,
            occurred_at=timezone.now(),
            entity_id=f"order-{number:07}",
        )
    committed[event.id] = moments[0]
