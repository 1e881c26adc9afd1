"""Rate limits that hold across processes and machines.

The generic cell rate algorithm: a bucket remembers the moment at which it would be full again, and
one statement both decides and books a request, so two processes cannot both take the last place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.sql import run

MICROSECONDS = 1_000_000

# Books a request unless the bucket would run over; no row comes back when it would.
STATEMENT = """
INSERT INTO core_ratebucket (name, full_at) VALUES (%(name)s, %(now)s + %(step)s)
ON CONFLICT (name) DO UPDATE SET full_at =
    CASE WHEN core_ratebucket.full_at > %(now)s THEN core_ratebucket.full_at ELSE %(now)s END
    + %(step)s
WHERE core_ratebucket.full_at <= %(now)s + %(window)s - %(step)s
RETURNING full_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """What is left of a limit of ``limit`` requests per ``window`` after this request."""

    allowed: bool
    limit: int
    window: timedelta
    remaining: int
    reset_after: timedelta
    retry_after: timedelta


def take(name: str, *, limit: int, window: timedelta, now: datetime) -> RateState:
    """Book one request on the bucket ``name`` if it has room. A limit of 0 lets nothing pass."""
    now_us = int(now.timestamp() * MICROSECONDS)
    window_us = int(window.total_seconds() * MICROSECONDS)
    step = max(1, window_us // max(limit, 1))
    full_at = _book(name, now_us, window_us, step) if limit else None
    allowed = full_at is not None
    if full_at is None:
        full_at = _full_at(name) or now_us + window_us
    used = max(0, full_at - now_us)
    return RateState(
        allowed=allowed,
        limit=limit,
        window=window,
        remaining=max(0, (window_us - used) // step) if limit else 0,
        reset_after=timedelta(microseconds=used),
        retry_after=timedelta(microseconds=0 if allowed else max(1, used + step - window_us)),
    )


def _book(name: str, now: int, window: int, step: int) -> int | None:
    return _first(run(STATEMENT, {"name": name, "now": now, "window": window, "step": step}))


def _full_at(name: str) -> int | None:
    return _first(run("SELECT full_at FROM core_ratebucket WHERE name = %s", [name]))


def _first(rows: list[Any]) -> int | None:
    return rows[0][0] if rows else None
