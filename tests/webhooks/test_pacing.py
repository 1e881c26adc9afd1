"""How much a receiver is given at once and how often."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.pacing import BURST_SECONDS, SLOW, Rate, Window

QUICK = timedelta(milliseconds=5)


def test_window_starts_small_and_grows_by_one_with_each_quick_success() -> None:
    window = Window(limit=8)

    sizes = [window.size]
    for _ in range(6):
        window.note(good=True, duration=QUICK)
        sizes.append(window.size)

    assert sizes == [4, 5, 6, 7, 8, 8, 8]


@pytest.mark.parametrize(("good", "duration"), [(False, QUICK), (True, SLOW)])
def test_window_is_halved_by_a_failure_and_by_a_slow_answer_down_to_one(
    good: bool, duration: timedelta
) -> None:
    window = Window(limit=50)

    sizes = []
    for _ in range(4):
        window.note(good=good, duration=duration)
        sizes.append(window.size)

    assert sizes == [2, 1, 1, 1]


def test_window_of_one_stays_one() -> None:
    window = Window(limit=1)

    window.note(good=True, duration=QUICK)

    assert window.size == 1


@given(st.integers(1, 500), st.lists(st.tuples(st.booleans(), st.integers(0, 60_000))))
def test_window_is_never_empty_nor_larger_than_its_limit(
    limit: int, answers: list[tuple[bool, int]]
) -> None:
    window = Window(limit=limit)

    for good, milliseconds in answers:
        window.note(good=good, duration=timedelta(milliseconds=milliseconds))

        assert 1 <= window.size <= limit


def test_first_request_need_not_wait() -> None:
    assert Rate(per_minute=1).wait(1_000.0) == 0.0


def test_requests_are_spread_evenly_over_the_minute() -> None:
    rate = Rate(per_minute=30)
    rate.take(1_000.0)

    waits = [rate.wait(1_000.0), rate.wait(1_001.0), rate.wait(1_002.0)]

    assert waits == pytest.approx([2 - BURST_SECONDS, 1 - BURST_SECONDS, 0.0])


def test_rate_that_was_not_used_is_not_saved_up() -> None:
    rate = Rate(per_minute=60)
    rate.take(0.0)

    rate.take(3_600.0)

    assert rate.wait(3_600.0) == pytest.approx(1 - BURST_SECONDS)


@given(st.integers(1, 60_000), st.floats(0.001, 1.0))
def test_no_minute_has_more_requests_than_it_may(per_minute: int, step: float) -> None:
    rate = Rate(per_minute=per_minute)
    at, sent = 0.0, 0

    while at < 60.0:
        while not rate.wait(at) and sent <= 2 * per_minute:
            rate.take(at)
            sent += 1
        at += step

    # What the burst allows comes on top, once.
    assert sent <= per_minute + BURST_SECONDS * per_minute / 60 + 1
