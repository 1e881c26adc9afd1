"""Having messages become events once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit, wakeups
from core.models import Tenant
from core.types import Actor
from webhooks.errors import NotReplayableError, TooManyMessagesError
from webhooks.inbound.reception import PROCESS_TASK
from webhooks.models import Endpoint, Message

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSpan:
    """What was received from ``since`` until before ``until``, by one endpoint or by all."""

    since: datetime
    until: datetime
    endpoint: Endpoint | None = None


@transaction.atomic
def replay_message(message: Message, *, actor: Actor) -> None:
    """Have one message become an event again; raise NotReplayableError when it cannot."""
    rows: Any = Message.objects.filter(pk=message.pk)
    if not rows.replayable().restart(timezone.now()):
        raise NotReplayableError(_why_not(rows.first()))
    audit.record("message.replayed", tenant=message.tenant, actor=actor, target=message)
    wakeups.wake(PROCESS_TASK)
    message.refresh_from_db()


@transaction.atomic
def replay_messages(tenant: Tenant, keys: list[str], *, actor: Actor) -> int:
    """Have those of some messages that can be replayed become events again; return how many."""
    rows: Any = Message.objects.for_tenant(tenant).filter(pk__in=keys)
    return _restart(tenant, rows, actor, {"messages": len(keys)})


def count_replayable(tenant: Tenant, span: MessageSpan) -> int:
    """Return how many messages a replay of ``span`` would be about."""
    return int(_within(tenant, span).count())


@transaction.atomic
def replay_span(tenant: Tenant, span: MessageSpan, *, actor: Actor) -> int:
    """Have all messages of a period become events again; return how many.

    Raises TooManyMessagesError, and replays none, when there are more than MOST_AT_ONCE.
    """
    rows = _within(tenant, span)
    count = rows.count()
    if count > MOST_AT_ONCE:
        raise TooManyMessagesError(count, MOST_AT_ONCE)
    details = {"since": span.since.isoformat(), "until": span.until.isoformat()}
    if span.endpoint is not None:
        details["endpoint"] = span.endpoint.pk
    return _restart(tenant, rows, actor, details)


def _within(tenant: Tenant, span: MessageSpan) -> Any:
    rows: Any = Message.objects.for_tenant(tenant).replayable()
    rows = rows.filter(received_at__gte=span.since, received_at__lt=span.until)
    return rows.filter(endpoint=span.endpoint) if span.endpoint is not None else rows


def _restart(tenant: Tenant, rows: Any, actor: Actor, details: dict[str, Any]) -> int:
    count: int = rows.replayable().restart(timezone.now())
    if count:
        details = {**details, "replayed": count}
        audit.record("messages.replayed", tenant=tenant, actor=actor, details=details)
        wakeups.wake(PROCESS_TASK)
    return count


def _why_not(message: Message | None) -> str:
    if message is None:
        return "The message has been erased."
    if message.state == Message.State.RECEIVED:
        return "The message is about to become an event already."
    return "The body of the message has been erased, so there is nothing left to replay."
