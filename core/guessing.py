"""Wrong credentials: counted for each address, slowed down, and told of in the audit log."""

from datetime import datetime, timedelta

from core import audit, context
from core.throttling import take
from core.types import Actor, ActorKind

WINDOW = timedelta(minutes=1)
GUESSES_PER_MINUTE = 60
ACTION = "credential.guessed"


def wait_after_guess(address: str, now: datetime) -> timedelta | None:
    """Count a wrong credential; return how long to wait after too many of them, None before.

    The audit log tells of an address that guesses, once a minute.
    """
    state = take(f"guess:{address}", limit=GUESSES_PER_MINUTE, window=WINDOW, now=now)
    if state.allowed:
        return None
    if take(f"guess-told:{address}", limit=1, window=WINDOW, now=now).allowed:
        _tell(address)
    return state.retry_after


def _tell(address: str) -> None:
    current = context.current()
    actor = Actor(
        kind=ActorKind.SYSTEM,
        id="guessing",
        label="Somebody without a credential",
        correlation_id=current.correlation_id if current else "",
        request_id=current.request_id if current else "",
        ip_address=current.ip_address if current else None,
    )
    details = {"address": address, "limit_per_minute": GUESSES_PER_MINUTE}
    audit.record(ACTION, tenant=None, actor=actor, details=details)
