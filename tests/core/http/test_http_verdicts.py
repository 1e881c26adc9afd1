"""How long it is known where the requests to a name may go."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from core.http import UnreachableError
from core.http.verdicts import Verdict, Verdicts
from core.http.vetting import Route

HOST = "hooks.example"
CALLER = "tenant"
OLD = Verdict(route=Route.to([ip_address("192.88.98.1")]))
NEW = Verdict(route=Route.to([ip_address("192.88.98.2")]))
FAILED = Verdict(route=Route.to(()), failure=UnreachableError("the name does not exist"))


@pytest.fixture
def verdicts() -> Verdicts:
    return Verdicts(timedelta(seconds=30))


def known_at(verdicts: Verdicts, *moments: float) -> list[tuple[Verdict, bool] | None]:
    """Return what is known at each of the ``moments``, and whether that is old."""
    kept = [(verdicts.get(HOST, now), now) for now in moments]
    return [None if each is None else (each.verdict, each.old_at <= now) for each, now in kept]


def test_answer_is_new_for_thirty_seconds_and_serves_for_five_minutes(verdicts: Verdicts) -> None:
    verdicts.keep(HOST, OLD, 1_000.0, hung=False, caller=CALLER)

    assert known_at(verdicts, 1_000, 1_029.9, 1_030, 1_299.9, 1_300) == [
        (OLD, False),
        (OLD, False),
        (OLD, True),
        (OLD, True),
        None,
    ]


def test_new_answer_replaces_the_old_one_at_once(verdicts: Verdicts) -> None:
    verdicts.keep(HOST, OLD, 1_000.0, hung=False, caller=CALLER)

    assert verdicts.keep(HOST, NEW, 1_040.0, hung=False, caller=CALLER) == NEW
    assert known_at(verdicts, 1_040, 1_070, 1_340) == [(NEW, False), (NEW, True), None]


def test_failure_replaces_the_old_answer_and_is_kept_for_five_seconds(verdicts: Verdicts) -> None:
    verdicts.keep(HOST, OLD, 1_000.0, hung=False, caller=CALLER)

    assert verdicts.keep(HOST, FAILED, 1_040.0, hung=False, caller=CALLER) == FAILED
    assert known_at(verdicts, 1_040, 1_044.9, 1_045) == [(FAILED, False), (FAILED, False), None]


def test_name_that_hangs_keeps_its_last_answer_and_no_longer_than_without(
    verdicts: Verdicts,
) -> None:
    verdicts.keep(HOST, OLD, 1_000.0, hung=False, caller=CALLER)

    assert verdicts.keep(HOST, FAILED, 1_040.0, hung=True, caller=CALLER) == OLD
    assert known_at(verdicts, 1_044.9, 1_045, 1_299.9, 1_300) == [
        (OLD, False),
        (OLD, True),
        (OLD, True),
        None,
    ]


def test_name_that_goes_on_hanging_is_asked_ever_more_seldom_up_to_once_a_minute(
    verdicts: Verdicts,
) -> None:
    pauses, now = [], 1_000.0

    for _ in range(6):
        verdicts.keep(HOST, FAILED, now, hung=True, caller=CALLER)
        kept = verdicts.get(HOST, now)
        assert kept is not None
        assert (kept.verdict, kept.ends_at) == (FAILED, kept.old_at)
        pauses.append(kept.old_at - now)
        now = kept.ends_at + 20

    assert pauses == [5, 10, 20, 40, 60, 60]


def test_answer_ends_the_account_of_how_often_a_name_hung(verdicts: Verdicts) -> None:
    for now in (1_000.0, 1_100.0):
        verdicts.keep(HOST, FAILED, now, hung=True, caller=CALLER)

    verdicts.keep(HOST, OLD, 1_200.0, hung=False, caller=CALLER)
    verdicts.keep(HOST, FAILED, 2_000.0, hung=True, caller=CALLER)

    assert known_at(verdicts, 2_004.9, 2_005) == [(FAILED, False), None]


@pytest.mark.parametrize("hung", [False, True])
@pytest.mark.parametrize("verdict", [OLD, FAILED])
def test_nothing_is_kept_where_verdicts_may_have_no_age(verdict: Verdict, hung: bool) -> None:
    verdicts = Verdicts(timedelta())

    verdicts.keep(HOST, verdict, 1_000.0, hung=hung, caller=CALLER)

    assert known_at(verdicts, 1_000) == [None]


def test_verdict_that_is_dropped_is_unknown(verdicts: Verdicts) -> None:
    verdicts.keep(HOST, OLD, 1_000.0, hung=False, caller=CALLER)

    verdicts.drop(HOST)

    assert known_at(verdicts, 1_000) == [None]
