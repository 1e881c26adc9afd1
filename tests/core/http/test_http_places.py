"""However many names hang, there is a place for one that answers."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http.places import Places, Standing

STANDINGS = st.sampled_from(Standing)


def seen(places: Places, hosts: Iterable[str], standing: Standing, caller: str = "early") -> None:
    """Let each of the ``hosts`` be looked up once, and turn out to be of that ``standing``."""
    for host in hosts:
        assert places.take(host, caller)
        places.give_back(host, standing)


def names(count: int, of: str) -> list[str]:
    return [f"{of}-{number}.test" for number in range(count)]


def taken(places: Places, hosts: Iterable[str], caller: str) -> int:
    """Take as many places as the ``hosts`` of one caller get, and return how many that is."""
    return sum(places.take(host, caller) for host in hosts)


def taken_by_many(places: Places, hosts: Iterable[str]) -> int:
    """Take as many places as the ``hosts``, each of another caller, get."""
    return sum(places.take(host, caller=host) for host in hosts)


def test_strangers_get_half_of_the_places_and_acquaintances_the_others() -> None:
    places = Places(64)
    known = names(100, "known")
    seen(places, known, Standing.KNOWN)

    strangers = taken_by_many(places, names(1_000, "strange"))

    assert strangers == 32
    assert taken_by_many(places, known) == 32
    assert places.full


def test_suspects_get_an_eighth_of_the_places_and_leave_the_rest_to_other_strangers() -> None:
    places = Places(64)
    suspect = names(100, "suspect")
    seen(places, suspect, Standing.SUSPECT)

    assert taken_by_many(places, suspect) == 8
    assert taken_by_many(places, names(100, "new")) == 24


@pytest.mark.parametrize(
    ("standing", "shares"),
    [(Standing.NEW, [7, 5, 4]), (Standing.KNOWN, [13, 11, 8]), (Standing.SUSPECT, [2, 2, 1])],
)
def test_one_caller_takes_a_fifth_of_the_places_and_leaves_the_others_theirs(
    standing: Standing, shares: list[int]
) -> None:
    places = Places(64)
    owned = {caller: names(100, caller) for caller in "abc"}
    for hosts in owned.values():
        seen(places, hosts, standing)

    assert [taken(places, hosts, caller) for caller, hosts in owned.items()] == shares


@pytest.mark.parametrize("standing", Standing)
def test_names_of_one_caller_leave_places_for_names_of_another_whatever_was_seen_of_both(
    standing: Standing,
) -> None:
    places = Places(64)
    for each in Standing:
        seen(places, names(100, each.name), each)
    seen(places, ["hooks.calm.example"], standing)

    for each in Standing:
        assert 0 < taken(places, names(100, each.name), "hostile") < 100

    assert places.take("hooks.calm.example", "calm")


def test_acquaintances_that_begin_to_hang_leave_places_for_others_of_their_kind() -> None:
    places = Places(64)
    hostile = names(1_000, "hostile")
    seen(places, [*hostile, "hooks.calm.example"], Standing.KNOWN)

    for number, host in enumerate(hostile):
        places.take(host, f"hostile {number % 10}")

    assert not places.full
    assert places.take("hooks.calm.example", "calm")


@pytest.mark.parametrize("standing", [Standing.NEW, Standing.SUSPECT])
def test_name_that_did_not_answer_is_a_stranger_until_it_answers_again(standing: Standing) -> None:
    places = Places(4)
    seen(places, ["hooks.example"], Standing.KNOWN)
    seen(places, ["hooks.example"], standing)
    assert taken_by_many(places, ["a.test", "b.test"]) == 2

    as_stranger = places.take("hooks.example", "calm")
    places.give_back("a.test", Standing.NEW)
    seen(places, ["hooks.example"], Standing.KNOWN)

    assert not as_stranger
    assert places.take("a.test", "a")
    assert places.take("hooks.example", "calm")


HOSTS = st.sampled_from(names(16, "any"))
CALLERS = st.sampled_from("abcd")


@given(st.integers(1, 16), st.lists(st.tuples(HOSTS, CALLERS, STANDINGS), max_size=60))
def test_no_more_places_are_taken_than_there_are_and_each_comes_back(
    limit: int, steps: list[tuple[str, str, Standing]]
) -> None:
    places, held = Places(limit), set[str]()

    for host, caller, standing in steps:
        if host in held:
            held.remove(host)
            places.give_back(host, standing)
        elif places.take(host, caller):
            held.add(host)

        assert len(held) <= limit
        assert places.full == (len(held) == limit)
    for host in held:
        places.give_back(host, Standing.NEW)

    assert places.take("last.example", "a")
