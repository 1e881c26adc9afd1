"""When a failed delivery is tried again, and when it is given up.

Sources: the Standard Webhooks specification, "Deliverability and reliability" (schedule, 2xx
means delivered, redirects are failures, 410 ends a subscription); RFC 9110, 10.2.3 (Retry-After).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from core.types import Json

STANDARD_SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
MAX_RETRIES = 50
MIN_DELAY, MAX_DELAY = timedelta(milliseconds=100), timedelta(hours=24)
MAX_RETRY_AFTER = timedelta(hours=24)
MAX_BACKOFF_MULTIPLIER = 10.0
MAX_JITTER = 0.2
GONE = 410

_MILLISECOND = timedelta(milliseconds=1)
_SECONDS = re.compile(r"[0-9]+")
_MAX_RETRY_AFTER_CHARACTERS = 64
_KEYS = ("maxRetries", "retryDelay", "backoffMultiplier", "maxDelay", "retryOnStatus", "schedule")


class RetryPolicyError(ValueError):
    """A retry policy that cannot be followed: ``field`` is wrong, the message says how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}" if field else message)
        self.field = field


class Verdict(StrEnum):
    """What the outcome of one attempt means for its delivery."""

    DELIVERED = "delivered"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how patiently a delivery is tried again.

    With a ``schedule``, retry n waits its n-th entry, the last one again when it runs out.
    Without one, the wait is ``delay`` times ``backoff_multiplier`` for each further retry, up to
    ``max_delay``. ``retry_on_status`` lists the answers worth a retry; None means all failures.
    """

    max_retries: int = len(STANDARD_SCHEDULE)
    schedule: tuple[timedelta, ...] = STANDARD_SCHEDULE
    delay: timedelta = timedelta(seconds=5)
    backoff_multiplier: float = 2.0
    max_delay: timedelta = MAX_DELAY
    retry_on_status: frozenset[int] | None = None


def delay_after(
    attempts: int,
    policy: RetryPolicy,
    *,
    retry_after: timedelta | None = None,
    jitter: float = 0.0,
) -> timedelta | None:
    """Return how long to wait after ``attempts`` failures (from 1), or None to give up.

    ``retry_after`` is the delay asked for by the endpoint. It can lengthen the wait, by at most
    MAX_RETRY_AFTER, but never shorten it. ``jitter``, a random number in [0, 1), lengthens the
    wait by up to a fifth, so that a thousand deliveries that failed together do not return together.
    """
    if attempts > policy.max_retries:
        return None
    wait = _planned(attempts, policy)
    if retry_after is not None:
        wait = max(wait, min(retry_after, MAX_RETRY_AFTER))
    return wait * (1 + MAX_JITTER * jitter)


def _planned(attempts: int, policy: RetryPolicy) -> timedelta:
    if policy.schedule:
        return policy.schedule[min(attempts, len(policy.schedule)) - 1]
    seconds = policy.delay.total_seconds() * policy.backoff_multiplier ** (attempts - 1)
    return timedelta(seconds=min(seconds, policy.max_delay.total_seconds()))


def verdict(status_code: int | None, policy: RetryPolicy, *, final_error: bool = False) -> Verdict:
    """Return what an answer, or None for no answer, means for the delivery.

    2xx is delivered. 410 is dead whatever the policy, and its endpoint wants no more messages.
    Any other status, redirects included, is retried if the policy says so. No answer is retried,
    whatever statuses the policy lists, unless ``final_error`` says that another try cannot help
    (a refused address, an invalid URL).
    """
    if status_code is None:
        return Verdict.DEAD if final_error else Verdict.RETRY
    if 200 <= status_code <= 299:
        return Verdict.DELIVERED
    if status_code == GONE:
        return Verdict.DEAD
    if policy.retry_on_status is None or status_code in policy.retry_on_status:
        return Verdict.RETRY
    return Verdict.DEAD


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Return the delay that a Retry-After header asks for, or None if it cannot be read.

    The value is a number of seconds or an HTTP date; a date in the past asks for no delay.
    """
    text = value.strip()
    if not text or len(text) > _MAX_RETRY_AFTER_CHARACTERS:
        return None
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=min(int(text), MAX_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        # A date without a usable zone is UTC: HTTP knows no other.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(moment - now, timedelta(0))
    except (ValueError, OverflowError):
        return None


def parse_policy(value: Json) -> RetryPolicy:
    """Read a policy from its JSON form, with delays in milliseconds; raise RetryPolicyError.

    ``{"maxRetries": 3, "retryDelay": 1000, "backoffMultiplier": 2, "retryOnStatus": [500, 503]}``;
    also ``maxDelay``, or a ``schedule`` of delays in place of the three that compute one. What
    is left out takes its default, and with no delays at all the schedule is the standard one.
    """
    if not isinstance(value, Mapping):
        raise RetryPolicyError("", 'A retry policy is an object such as {"maxRetries": 3}')
    for key in value:
        if key not in _KEYS:
            raise RetryPolicyError(key, f"is unknown; the settings are {', '.join(_KEYS)}")
    computed = [key for key in ("retryDelay", "backoffMultiplier", "maxDelay") if key in value]
    if "schedule" in value and computed:
        raise RetryPolicyError("schedule", f"and {computed[0]} exclude each other; keep one")
    schedule = () if computed else _schedule(value.get("schedule"))
    default = RetryPolicy(max_retries=len(schedule or STANDARD_SCHEDULE))
    return RetryPolicy(
        max_retries=_max_retries(value.get("maxRetries", default.max_retries)),
        schedule=schedule,
        delay=_delay("retryDelay", value.get("retryDelay", _milliseconds(default.delay))),
        backoff_multiplier=_multiplier(value.get("backoffMultiplier", default.backoff_multiplier)),
        max_delay=_delay("maxDelay", value.get("maxDelay", _milliseconds(default.max_delay))),
        retry_on_status=_statuses(value.get("retryOnStatus")),
    )


def policy_json(policy: RetryPolicy) -> dict[str, Json]:
    """Return the JSON form that ``parse_policy`` reads back as the same policy."""
    form: dict[str, Json] = {"maxRetries": policy.max_retries}
    if policy.schedule:
        form["schedule"] = [_milliseconds(delay) for delay in policy.schedule]
    else:
        form["retryDelay"] = _milliseconds(policy.delay)
        form["backoffMultiplier"] = policy.backoff_multiplier
        form["maxDelay"] = _milliseconds(policy.max_delay)
    if policy.retry_on_status is not None:
        form["retryOnStatus"] = sorted(policy.retry_on_status)
    return form


def _max_retries(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_RETRIES:
        return value
    raise RetryPolicyError("maxRetries", f"must be a whole number from 0 to {MAX_RETRIES}")


def _delay(field: str, value: Json) -> timedelta:
    shortest, longest = _milliseconds(MIN_DELAY), _milliseconds(MAX_DELAY)
    if isinstance(value, int) and not isinstance(value, bool) and shortest <= value <= longest:
        return timedelta(milliseconds=value)
    raise RetryPolicyError(
        field, f"must be a whole number of milliseconds from {shortest} to {longest} (24 hours)"
    )


def _multiplier(value: Json) -> float:
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 1 <= value <= MAX_BACKOFF_MULTIPLIER
    ):
        return float(value)
    raise RetryPolicyError(
        "backoffMultiplier", f"must be a number from 1 to {MAX_BACKOFF_MULTIPLIER:.0f}"
    )


def _schedule(value: Json) -> tuple[timedelta, ...]:
    if value is None:
        return STANDARD_SCHEDULE
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_RETRIES:
        raise RetryPolicyError("schedule", f"must be a list of 1 to {MAX_RETRIES} delays")
    return tuple(_delay(f"schedule[{index}]", delay) for index, delay in enumerate(value))


def _statuses(value: Json) -> frozenset[int] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise RetryPolicyError("retryOnStatus", "must be a list of statuses, such as [500, 503]")
    return frozenset(_status(f"retryOnStatus[{index}]", each) for index, each in enumerate(value))


def _status(field: str, value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 300 <= value <= 599:
        raise RetryPolicyError(field, "must be a status of failure, from 300 to 599")
    if value == GONE:
        raise RetryPolicyError(field, "must not be 410: the endpoint says that it is gone for good")
    return value


def _milliseconds(delay: timedelta) -> int:
    return delay // _MILLISECOND
