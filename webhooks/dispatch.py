"""Which events are owed to which subscriptions. Runs inside the dispatcher's transaction."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.utils import timezone

from core import wakeups
from core.errors import DecryptionError
from core.expressions import ExpressionError, compile_expression, matches
from core.ids import decode
from core.models import Event, Tenant
from core.types import Json
from webhooks import owing, patterns, rendering
from webhooks.building import config_for
from webhooks.models import Lane, Subscription
from webhooks.owing import Owed
from webhooks.statements import among

DELIVER_TASK = "webhooks.tasks.deliver"
INSERT_SIZE = 2_000

logger = logging.getLogger(__name__)


class _Wish(NamedTuple):
    """What a subscription wants, and nothing else of it: there may be thousands of them."""

    id: str
    event_types: list[str]
    filter: str
    ordering: str


def consume(tenant: Tenant, events: Sequence[Event]) -> None:
    """Write a pending delivery for every subscription that wants one of ``events``.

    Safe to call twice with the same events. Locks the subscriptions, so that one that is switched
    off or deleted at the same time gets either all or none of them.
    """
    now = timezone.now()
    by_type: dict[str, list[Event]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event)
    enabled = Subscription.objects.for_tenant(tenant).enabled()
    # A plain look first: to lock thousands that want nothing of it would cost more than all the rest.
    looks = enabled.order_by().values_list("pk", "event_types")
    asked = [decode("sub", str(key)) for key, wanted in looks if patterns.choose(wanted, by_type)]
    locked = enabled.filter(pk__in=among(asked)).order_by("id").select_for_update(no_key=True)
    rows = locked.values_list(*_Wish._fields) if asked else []
    owed = (each for row in rows for each in _owed(tenant, _Wish._make(row), by_type, now))
    awakened: set[str] = set()
    # In portions: one batch of events can be owed to thousands of subscriptions.
    while portion := list(islice(owed, INSERT_SIZE)):
        owing.write(tenant, portion, now)
        awakened.update(each.subscription for each in portion)
    if awakened:
        awaken(awakened, now)


def awaken(subscriptions: Collection[str], now: datetime) -> None:
    """Say that there is something to send, and call who sends it after the commit."""
    Lane.objects.awaken(subscriptions, now)
    wakeups.wake(DELIVER_TASK)


def fan_out(tenant: Tenant, types: Collection[str]) -> Counter[str]:
    """Return to how many subscriptions an event of each of the ``types`` may be owed."""
    enabled = Subscription.objects.for_tenant(tenant).enabled().order_by()
    counted: Counter[str] = Counter()
    for wanted in enabled.values_list("event_types", flat=True):
        counted.update(patterns.choose(wanted, types))
    return counted


def _owed(
    tenant: Tenant, wish: _Wish, by_type: Mapping[str, Sequence[Event]], now: datetime
) -> Iterable[Owed]:
    types = patterns.choose(wish.event_types, by_type)
    chosen = [event for name in types for event in by_type[name]]
    chosen.sort(key=lambda event: event.position or 0)
    if not chosen or not wish.filter:
        return [_one(wish, event) for event in chosen]
    return _filtered(tenant, wish, chosen, now)


def _filtered(
    tenant: Tenant, wish: _Wish, events: Sequence[Event], now: datetime
) -> Iterator[Owed]:
    """Yield what the filter lets through.

    An event on which it fails is not sent, and not forgotten either: its delivery is dead from
    the start, says why, and can be replayed.
    """
    try:
        expression = compile_expression(wish.filter)
        config: dict[str, str] = config_for(tenant, expression.names)
    except (ExpressionError, DecryptionError) as error:
        yield from (_unfiltered(wish, event, error) for event in events)
        return
    for event in events:
        envelope: dict[str, Json] = event.envelope()
        try:
            if matches(expression, rendering.scope_of(envelope, config), now=now):
                yield _one(wish, event)
        except ExpressionError as error:
            yield _unfiltered(wish, event, error)


def _unfiltered(wish: _Wish, event: Event, error: Exception) -> Owed:
    logger.warning(
        "webhook.filter_failed",
        extra={"subscription": wish.id, "event": event.id, "error": str(error)},
    )
    return _one(wish, event, error=f"filter: {error}"[:500])


def _one(wish: _Wish, event: Event, *, error: str = "") -> Owed:
    # What must be delivered in its order; an event of no entity waits for nobody.
    key = "" if wish.ordering == Subscription.Ordering.NONE else event.entity_id
    return Owed(event.id, wish.id, event.position or 0, key, error)
