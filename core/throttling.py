"""Rate limits that hold across processes and machines.

The generic cell rate algorithm: a bucket remembers the moment at which it would be full again, and
one statement both decides and books a request, so two processes cannot both take the last place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.sql import run, unflushed

MICROSECONDS = 1_000_000

# What an INSERT into the table of buckets does that are there: it books a request unless the bucket
# would run over, and no row comes back when it would. A new bucket holds one step, and so says how long
# a step is.
BOOKING = """ON CONFLICT (name) DO UPDATE SET full_at =
    CASE WHEN core_ratebucket.full_at > %(now_us)s THEN core_ratebucket.full_at ELSE %(now_us)s END
    + excluded.full_at - %(now_us)s
WHERE core_ratebucket.full_at <= %(now_us)s + %(window_us)s - (excluded.full_at - %(now_us)s)
RETURNING full_at"""
STATEMENT = f"""INSERT INTO core_ratebucket (name, full_at)
VALUES (%(name)s, %(now_us)s + %(step)s) {BOOKING}, {{unflushed}}"""  # noqa: S608  # values are parameters


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
    given = {"name": name, "step": step_of(limit, window), **parameters(window, now)}
    full_at = _first(run(STATEMENT.format(unflushed=unflushed()), given)) if limit else None
    return state(name, full_at, limit=limit, window=window, now=now)


def state(
    name: str, full_at: int | None, *, limit: int, window: timedelta, now: datetime
) -> RateState:
    """Return what a booking has come to that has filled the bucket until ``full_at``, or failed."""
    now_us, window_us, step = _us(now), _length(window), step_of(limit, window)
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


def parameters(window: timedelta, now: datetime) -> dict[str, int]:
    """Return what ``BOOKING`` is given."""
    return {"now_us": _us(now), "window_us": _length(window)}


def step_of(limit: int, window: timedelta) -> int:
    """Return how much of a window one request takes, in microseconds."""
    return max(1, _length(window) // max(limit, 1))


def _us(moment: datetime) -> int:
    return int(moment.timestamp() * MICROSECONDS)


def _length(window: timedelta) -> int:
    return int(window.total_seconds() * MICROSECONDS)


def _full_at(name: str) -> int | None:
    return _first(run("SELECT full_at FROM core_ratebucket WHERE name = %s", [name]))


def _first(rows: list[Any]) -> int | None:
    return rows[0][0] if rows else None
