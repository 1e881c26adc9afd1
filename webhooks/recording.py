"""What an attempt changes: the next state of its delivery, and its line in the log. No ORM."""

import json
import random
from datetime import datetime, timedelta
from functools import lru_cache

from uuid_utils.compat import uuid7

from core.ids import decode
from webhooks import retry
from webhooks.queue import Due, Result
from webhooks.retry import RetryPolicy, Verdict
from webhooks.types import Headers, Outcome

MILLISECOND = timedelta(milliseconds=1)
# No request lasts longer; a clock that is put forward meanwhile makes it seem so.
LONGEST_REQUEST = timedelta(hours=1)


def result_of(due: Due, outcome: Outcome, policy: RetryPolicy, now: datetime) -> Result:
    """Return what is to be written down about an attempt that has just ended."""
    verdict = retry.verdict(outcome.status_code, policy, final_error=outcome.final)
    failures = due.failures + (verdict != Verdict.DELIVERED)
    delay = None
    if verdict == Verdict.RETRY:
        delay = retry.delay_after(
            failures,
            policy,
            retry_after=outcome.retry_after,
            jitter=random.random(),  # noqa: S311  # spreads load, hides nothing
        )
    return Result(
        key=due.key,
        tenant=decode("ten", due.tenant_id),
        number=due.attempts + 1,
        state=_state(verdict, delay),
        failures=failures,
        next_attempt_at=None if delay is None else now + delay,
        status_code=outcome.status_code,
        last_error=_summary(outcome),
        finished_at=now if delay is None else None,
        attempt=uuid7(),
        started_at=outcome.started_at,
        duration_ms=max(0, min(outcome.duration, LONGEST_REQUEST) // MILLISECOND),
        error_code=outcome.error_code,
        error=outcome.error,
        response_headers=_text_of(outcome.response_headers),
        response_body=outcome.response_body,
    )


@lru_cache(maxsize=128)
def _text_of(headers: Headers) -> str:
    return json.dumps(headers)


def _state(verdict: Verdict, delay: timedelta | None) -> str:
    if verdict == Verdict.DELIVERED:
        return "delivered"
    return "dead" if delay is None else "pending"


def _summary(outcome: Outcome) -> str:
    if outcome.status_code is None:
        return outcome.error
    if 200 <= outcome.status_code <= 299:
        return ""
    return f"the receiver answered {outcome.status_code}"
