"""Messages become events: what was acknowledged is worked off by a worker, however often that is killed.

A message and its event are written in one transaction, so there is exactly one event for each message,
and one more for each time that it is replayed.
"""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import events, wakeups
from core.models import Event, Tenant
from core.types import Actor, ActorKind, Json
from webhooks.inbound import arrival, contents, naming
from webhooks.inbound.reception import PROCESS_TASK
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Message

BATCH_SIZE = 200
BATCH_BYTES = 8 * 1024 * 1024
# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_RUN = timedelta(seconds=60)
MAX_FAILURES = 6
FIRST_RETRY = timedelta(seconds=5)

logger = logging.getLogger(__name__)


def process(*, longest: timedelta = LONGEST_RUN, but: Collection[str] = ()) -> int:
    """Make events of what has been received, a batch of each tenant in turn; return how many.

    The tenants ``but`` (ids) are left out. After ``longest`` the rest is left to a new task. Safe to
    run in several workers at once, and to kill.
    """
    ends_at = time.monotonic() + longest.total_seconds()
    total = 0
    while handled := _process_round(ends_at, but):
        total += handled
        if time.monotonic() >= ends_at:
            wakeups.wake(PROCESS_TASK)
            break
    return total


def _process_round(ends_at: float, but: Collection[str]) -> int:
    total = 0
    for tenant in _tenants_waiting(but):
        total += process_batch(tenant, timezone.now())
        if time.monotonic() >= ends_at:
            break
    return total


def _tenants_waiting(but: Collection[str]) -> Sequence[Tenant]:
    """Return the tenants with something to do, in random order: nobody is always the last."""
    waiting = Message.with_deleted.filter(tenant=OuterRef("pk")).due(timezone.now()).order_by()
    tenants = Tenant.objects.filter(Exists(waiting), active=True).exclude(id__in=list(but))
    return list(tenants.order_by("?"))


def process_batch(tenant: Tenant, now: datetime) -> int:
    """Make events of a tenant's oldest messages; return how many messages that was.

    One that cannot become an event is put back for a while, and hinders none of the others.
    """
    try:
        with transaction.atomic():
            messages = _take(tenant, now)
            _publish(tenant, messages, now)
        return len(messages)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever it was, it must be found out which of them it is
        logger.exception("inbound.batch_failed", extra={"tenant": tenant.id})
    return sum(_process_alone(tenant, key, now) for key in _oldest(tenant, now))


def _oldest(tenant: Tenant, now: datetime) -> list[str]:
    due: Any = Message.with_deleted.for_tenant(tenant).due(now)
    return list(due.values_list("pk", flat=True)[:BATCH_SIZE])


def _take(tenant: Tenant, now: datetime) -> list[Message]:
    """Lock the oldest messages that nobody else has, up to a batch, and return them."""
    due: Any = Message.with_deleted.for_tenant(tenant).due(now)
    free = due.select_for_update(skip_locked=True).values_list("pk", "size")
    keys = list(_within(free[:BATCH_SIZE]))
    rows = due.filter(pk__in=keys).select_related("endpoint")
    # What is encrypted needs a key that may be missing, and is of no use here.
    return list(rows.defer("endpoint__options", "endpoint__expected_headers"))


def _within(rows: Any) -> Iterator[str]:
    """Yield keys until their bodies are as large as a batch may be: at least one, if there is any."""
    total = 0
    for key, size in rows:
        if total and total + size > BATCH_BYTES:
            return
        total += size
        yield key


def _process_alone(tenant: Tenant, key: str, now: datetime) -> int:
    due: Any = Message.with_deleted.filter(pk=key).due(now)
    message = due.first()
    if message is None:
        return 0
    try:
        with transaction.atomic():
            messages = list(due.select_for_update(skip_locked=True))
            _publish(tenant, messages, now)
        return len(messages)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one message must not stop all the others
        logger.exception("inbound.message_failed", extra={"received": key})
        _put_back(message, error, now)
    return 1


def _put_back(message: Message, error: Exception, now: datetime) -> None:
    """Have a message tried again later, or given up: staff may replay it when the fault is mended.

    Not if somebody else has made an event of it meanwhile. The text of the error may repeat what
    was received, so it stands in the log of the worker alone.
    """
    failures = message.failures + 1
    given_up = failures >= MAX_FAILURES
    still: Any = Message.with_deleted.filter(
        pk=message.pk, state=Message.State.RECEIVED, failures=message.failures
    )
    still.update(
        failures=failures,
        error=f"{type(error).__name__}: see the log of the worker",
        state=Message.State.FAILED if given_up else Message.State.RECEIVED,
        due_at=None if given_up else now + FIRST_RETRY * 4 ** (failures - 1),
    )


def _publish(tenant: Tenant, messages: Sequence[Message], now: datetime) -> None:
    drafts = [_draft(tenant, message, now) for message in messages]
    if not drafts:
        return
    for message, event in zip(messages, events.publish_many(tenant, drafts), strict=True):
        message.event_id = event.pk
        message.event_type = event.type
        message.state = Message.State.PROCESSED
        message.due_at = None
        message.processed_at = now
        message.error = ""
    Message.with_deleted.bulk_update(
        messages, ["event_id", "event_type", "state", "due_at", "processed_at", "error"]
    )


def _draft(tenant: Tenant, message: Message, now: datetime) -> Event:
    endpoint = message.endpoint
    scheme = SCHEMES[endpoint.scheme]
    headers = dict(message.headers)
    content = contents.read(headers, bytes(message.body or b""))
    body = scheme.without_secrets(content.value)
    data: dict[str, Json] = {
        "message": message.pk,
        "endpoint": endpoint.slug,
        "method": message.method,
        "query": message.query,
        "headers": headers,
        "format": content.format,
        "body": body,
    }
    if message.sample:
        data["sample"] = True
    kind = arrival.type_of(endpoint.event_type or scheme.event_type, headers, body)
    return events.draft(
        tenant,
        naming.event_type(endpoint.slug, kind),
        data,
        actor=_actor(message),
        # A replay happens now: retention counts from then.
        occurred_at=message.received_at if message.event_id is None else now,
        entity_id=endpoint.pk,
    )


def _actor(message: Message) -> Actor:
    label = f"endpoint {message.endpoint.name}"
    return Actor(
        kind=ActorKind.SYSTEM, id=message.endpoint_id, label=label, correlation_id=message.pk
    )
