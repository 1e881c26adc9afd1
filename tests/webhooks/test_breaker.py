"""When a receiver is left alone for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from webhooks.breaker import (
    ASKED_PAUSE,
    FIRST_PAUSE,
    LONGEST_ASKED_PAUSE,
    LONGEST_PAUSE,
    TRIP_AFTER,
    Breaker,
    Circuit,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def tripped() -> Breaker:
    """Return a breaker that has just opened for the first time."""
    breaker = Breaker()
    for _ in range(TRIP_AFTER):
        breaker.failed(NOON)
    return breaker


def test_circuit_opens_at_the_last_of_so_many_failures_in_a_row() -> None:
    breaker = Breaker()

    states = []
    for _ in range(TRIP_AFTER):
        breaker.failed(NOON)
        states.append(breaker.state(NOON))

    assert states == [Circuit.CLOSED] * (TRIP_AFTER - 1) + [Circuit.OPEN]
    assert (breaker.trips, breaker.paused_until) == (1, NOON + FIRST_PAUSE)


def test_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker()

    for _ in range(3):
        for _ in range(TRIP_AFTER - 1):
            breaker.failed(NOON)
        breaker.succeeded()

    assert (breaker.state(NOON), breaker.trips) == (Circuit.CLOSED, 0)


def test_open_circuit_is_half_open_when_its_pause_is_over() -> None:
    breaker = tripped()

    states = [
        breaker.state(NOON + FIRST_PAUSE - timedelta(microseconds=1)),
        breaker.state(NOON + FIRST_PAUSE),
    ]

    assert states == [Circuit.OPEN, Circuit.HALF_OPEN]


def test_success_closes_the_circuit_and_forgets_how_often_it_was_open() -> None:
    breaker = tripped()

    breaker.succeeded()

    assert (breaker.state(NOON), breaker.trips, breaker.paused_until) == (Circuit.CLOSED, 0, None)


def test_each_failed_trial_doubles_the_pause_up_to_the_longest() -> None:
    breaker = tripped()
    now = NOON

    pauses = []
    for _ in range(7):
        assert breaker.paused_until is not None
        now = breaker.paused_until
        breaker.failed(now)
        pauses.append(breaker.paused_until - now)

    assert pauses == [
        *(FIRST_PAUSE * 2**number for number in range(1, 6)),
        LONGEST_PAUSE,
        LONGEST_PAUSE,
    ]
    assert breaker.trips == 8


def test_failures_under_way_when_it_opened_do_not_make_it_worse() -> None:
    breaker = tripped()

    for _ in range(TRIP_AFTER):
        breaker.failed(NOON)

    assert (breaker.trips, breaker.paused_until) == (1, NOON + FIRST_PAUSE)


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        (None, ASKED_PAUSE),
        (timedelta(0), timedelta(0)),
        (timedelta(minutes=2), timedelta(minutes=2)),
        (timedelta(days=1), LONGEST_ASKED_PAUSE),
    ],
)
def test_busy_receiver_gets_the_pause_that_it_asks_for(
    asked: timedelta | None, pause: timedelta
) -> None:
    breaker = Breaker()

    breaker.busy(NOON, asked)

    assert (breaker.trips, breaker.paused_until) == (1, NOON + pause)


def test_receiver_that_stays_busy_is_asked_less_and_less_often() -> None:
    breaker = Breaker()
    breaker.busy(NOON, timedelta(seconds=1))
    later = NOON + timedelta(seconds=1)

    breaker.busy(later, timedelta(seconds=1))

    assert breaker.paused_until == later + FIRST_PAUSE * 2


def test_pause_is_never_shortened_by_an_answer_that_comes_later() -> None:
    breaker = Breaker()
    breaker.busy(NOON, timedelta(minutes=10))

    breaker.busy(NOON, timedelta(seconds=1))

    assert breaker.paused_until == NOON + timedelta(minutes=10)


def test_very_many_trips_are_no_more_than_the_longest_pause() -> None:
    breaker = Breaker(trips=30_000)

    breaker.failed(NOON)

    assert breaker.paused_until == NOON + LONGEST_PAUSE


def test_requests_that_were_under_way_when_it_opened_do_not_make_it_worse() -> None:
    breaker = Breaker()
    before = NOON - timedelta(seconds=1)

    for _ in range(3):
        breaker.busy(NOON, timedelta(0), started_at=before)
        breaker.failed(NOON, started_at=before)

    assert (breaker.trips, breaker.paused_until) == (1, NOON)
    assert breaker.state(NOON) == Circuit.HALF_OPEN


def test_trips_are_not_counted_for_ever() -> None:
    breaker = Breaker(trips=100, paused_until=NOON)

    breaker.failed(NOON)

    assert (breaker.trips, breaker.paused_until) == (100, NOON + LONGEST_PAUSE)
