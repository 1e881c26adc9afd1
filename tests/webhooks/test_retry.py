from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.retry import (
    MAX_DELAY,
    MIN_DELAY,
    STANDARD_SCHEDULE,
    RetryPolicy,
    RetryPolicyError,
    Verdict,
    delay_after,
    parse_policy,
    parse_retry_after,
    policy_json,
    verdict,
)

NOW = datetime(2026, 3, 7, 10, 30, tzinfo=UTC)
EXPONENTIAL = RetryPolicy(
    max_retries=50, schedule=(), delay=timedelta(seconds=1), backoff_multiplier=2.0
)
DELAYS = st.timedeltas(MIN_DELAY, MAX_DELAY).map(
    lambda delay: delay - delay % timedelta(milliseconds=1)
)
POLICIES = st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 50),
    schedule=st.just(()),
    delay=DELAYS,
    backoff_multiplier=st.floats(1, 10),
    max_delay=DELAYS,
    retry_on_status=st.none() | st.frozensets(st.integers(500, 599)),
) | st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 50),
    schedule=st.lists(DELAYS, min_size=1, max_size=50).map(tuple),
)


@pytest.mark.spec("Standard Webhooks", "Deliverability and reliability")
def test_the_default_policy_follows_the_standard_schedule_and_then_gives_up() -> None:
    waits = [delay_after(attempts, RetryPolicy()) for attempts in range(1, 9)]

    assert waits == [*STANDARD_SCHEDULE, None]


def test_an_exponential_policy_multiplies_the_delay_up_to_its_limit() -> None:
    waits = [delay_after(attempts, EXPONENTIAL) for attempts in (1, 2, 3, 17, 18, 50, 51)]

    seconds = [wait and wait.total_seconds() for wait in waits]
    assert seconds == [1, 2, 4, 65_536, 86_400, 86_400, None]


def test_a_schedule_repeats_its_last_delay_when_it_runs_out() -> None:
    policy = RetryPolicy(max_retries=3, schedule=(timedelta(seconds=1), timedelta(seconds=9)))

    waits = [delay_after(attempts, policy) for attempts in (1, 2, 3, 4)]

    assert waits == [timedelta(seconds=1), timedelta(seconds=9), timedelta(seconds=9), None]


def test_no_retries_means_that_the_first_failure_is_the_last() -> None:
    assert delay_after(1, RetryPolicy(max_retries=0)) is None


@pytest.mark.spec("RFC 9110", "10.2.3")
@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        (timedelta(0), timedelta(seconds=5)),
        (timedelta(seconds=4), timedelta(seconds=5)),
        (timedelta(seconds=60), timedelta(seconds=60)),
        (timedelta(days=30), timedelta(hours=24)),
    ],
)
def test_the_endpoint_can_lengthen_the_wait_but_not_shorten_it(
    retry_after: timedelta, expected: timedelta
) -> None:
    assert delay_after(1, RetryPolicy(), retry_after=retry_after) == expected


@given(
    st.integers(1, 60),
    POLICIES,
    st.none() | st.timedeltas(timedelta(0)),
    st.floats(0, 1, exclude_max=True),
)
def test_jitter_only_lengthens_and_by_a_fifth_at_most(
    attempts: int, policy: RetryPolicy, retry_after: timedelta | None, jitter: float
) -> None:
    plain = delay_after(attempts, policy, retry_after=retry_after)
    with_jitter = delay_after(attempts, policy, retry_after=retry_after, jitter=jitter)

    if plain is None:
        assert attempts > policy.max_retries
        assert with_jitter is None
    else:
        assert with_jitter is not None
        assert plain <= with_jitter <= plain * 1.2
        assert plain <= MAX_DELAY


@pytest.mark.spec("RFC 9110", "10.2.3")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("9" * 64, timedelta(hours=24)),
        ("Sat, 07 Mar 2026 10:31:30 GMT", timedelta(seconds=90)),
        ("Saturday, 07-Mar-26 10:31:30 GMT", timedelta(seconds=90)),
        ("Sat Mar  7 10:31:30 2026", timedelta(seconds=90)),
        ("Sat, 07 Mar 2026 10:31:30 -0000", timedelta(seconds=90)),
        ("Sat, 07 Mar 2026 09:00:00 GMT", timedelta(0)),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("٣", None),
        ("soon", None),
        ("Sat, 32 Mar 2026 10:31:30 GMT", None),
        ("Sat, 07 Mar 2026 10:31:30 +99999999", None),
        ("9" * 65, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    value: str, expected: timedelta | None
) -> None:
    assert parse_retry_after(value, NOW) == expected


@given(st.text() | st.text("SatMr0123456789:,-+ GMT", max_size=40))
def test_a_hostile_retry_after_never_raises_and_is_never_negative(value: str) -> None:
    delay = parse_retry_after(value, NOW)

    assert delay is None or delay >= timedelta(0)


@pytest.mark.spec("Standard Webhooks", "Deliverability and reliability")
@pytest.mark.parametrize(
    ("status_code", "expected"),
    [
        (200, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (100, Verdict.RETRY),
        (301, Verdict.RETRY),
        (308, Verdict.RETRY),
        (400, Verdict.RETRY),
        (404, Verdict.RETRY),
        (410, Verdict.DEAD),
        (429, Verdict.RETRY),
        (500, Verdict.RETRY),
        (599, Verdict.RETRY),
        (None, Verdict.RETRY),
    ],
)
def test_every_failure_but_gone_is_retried_by_default(
    status_code: int | None, expected: Verdict
) -> None:
    assert verdict(status_code, RetryPolicy()) is expected


@pytest.mark.parametrize(
    ("status_code", "expected"),
    [
        (200, Verdict.DELIVERED),
        (302, Verdict.DEAD),
        (404, Verdict.DEAD),
        (410, Verdict.DEAD),
        (500, Verdict.DEAD),
        (503, Verdict.RETRY),
        (None, Verdict.RETRY),
    ],
)
def test_a_policy_with_statuses_retries_those_and_unanswered_requests(
    status_code: int | None, expected: Verdict
) -> None:
    policy = RetryPolicy(retry_on_status=frozenset({503, 410}))

    assert verdict(status_code, policy) is expected


def test_an_error_that_another_try_cannot_cure_is_final() -> None:
    assert verdict(None, RetryPolicy(), final_error=True) is Verdict.DEAD


def test_a_policy_in_the_documented_form_is_followed() -> None:
    policy = parse_policy(
        {
            "maxRetries": 4,
            "retryDelay": 250,
            "backoffMultiplier": 3,
            "retryOnStatus": [502, 503, 502],
        }
    )

    waits = [delay_after(attempts, policy) for attempts in range(1, 6)]
    milliseconds = [wait and wait / timedelta(milliseconds=1) for wait in waits]
    assert milliseconds == [250, 750, 2250, 6750, None]
    assert policy.retry_on_status == frozenset({502, 503})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, RetryPolicy()),
        ({"maxRetries": 2}, RetryPolicy(max_retries=2)),
        ({"retryDelay": 1000}, RetryPolicy(schedule=(), delay=timedelta(seconds=1))),
        ({"backoffMultiplier": 4}, RetryPolicy(schedule=(), backoff_multiplier=4.0)),
        ({"schedule": [100]}, RetryPolicy(max_retries=1, schedule=(MIN_DELAY,))),
        ({"schedule": None, "retryOnStatus": None}, RetryPolicy()),
        ({"retryOnStatus": []}, RetryPolicy(retry_on_status=frozenset())),
    ],
)
def test_what_a_policy_leaves_out_takes_its_default(
    value: dict[str, Any], expected: RetryPolicy
) -> None:
    assert parse_policy(value) == expected


SETTINGS = "maxRetries, retryDelay, backoffMultiplier, maxDelay, retryOnStatus, schedule"
DELAY_SENTENCE = "must be a whole number of milliseconds from 100 to 86400000 (24 hours)"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, 'A retry policy is an object such as {"maxRetries": 3}'),
        ([], 'A retry policy is an object such as {"maxRetries": 3}'),
        (
            {"max_retries": 3},
            f"max_retries is unknown; the settings are {SETTINGS}",
        ),
        ({"maxRetries": -1}, "maxRetries must be a whole number from 0 to 50"),
        ({"maxRetries": 51}, "maxRetries must be a whole number from 0 to 50"),
        ({"maxRetries": True}, "maxRetries must be a whole number from 0 to 50"),
        ({"maxRetries": "3"}, "maxRetries must be a whole number from 0 to 50"),
        ({"maxRetries": None}, "maxRetries must be a whole number from 0 to 50"),
        ({"retryDelay": 99}, f"retryDelay {DELAY_SENTENCE}"),
        ({"retryDelay": 1000.5}, f"retryDelay {DELAY_SENTENCE}"),
        ({"retryDelay": 10**30}, f"retryDelay {DELAY_SENTENCE}"),
        ({"maxDelay": 0}, f"maxDelay {DELAY_SENTENCE}"),
        ({"backoffMultiplier": 0.5}, "backoffMultiplier must be a number from 1 to 10"),
        ({"backoffMultiplier": 11}, "backoffMultiplier must be a number from 1 to 10"),
        ({"backoffMultiplier": False}, "backoffMultiplier must be a number from 1 to 10"),
        ({"schedule": []}, "schedule must be a list of 1 to 50 delays"),
        ({"schedule": [1000] * 51}, "schedule must be a list of 1 to 50 delays"),
        ({"schedule": [1000, "5s"]}, f"schedule[1] {DELAY_SENTENCE}"),
        (
            {"schedule": [1000], "retryDelay": 1000},
            "schedule and retryDelay exclude each other; keep one",
        ),
        ({"retryOnStatus": 500}, "retryOnStatus must be a list of statuses, such as [500, 503]"),
        (
            {"retryOnStatus": [500, 200]},
            "retryOnStatus[1] must be a status of failure, from 300 to 599",
        ),
        (
            {"retryOnStatus": ["500"]},
            "retryOnStatus[0] must be a status of failure, from 300 to 599",
        ),
        (
            {"retryOnStatus": [410]},
            "retryOnStatus[0] must not be 410: the endpoint says that it is gone for good",
        ),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused_with_what_to_write(
    value: Any, message: str
) -> None:
    with pytest.raises(RetryPolicyError) as caught:
        parse_policy(value)

    assert str(caught.value) == message


@given(POLICIES)
def test_a_written_policy_is_read_back_as_the_same_behavior(policy: RetryPolicy) -> None:
    read = parse_policy(policy_json(policy))

    for attempts in range(1, 52):
        assert delay_after(attempts, read) == delay_after(attempts, policy)
    assert read.retry_on_status == policy.retry_on_status
