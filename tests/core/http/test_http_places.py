"""However many names hang, there is a place for one that answers."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http.places import Places


def acquainted(places: Places, hosts: Iterable[str]) -> None:
    """Let each of the ``hosts`` answer once."""
    for host in hosts:
        assert places.take(host)
        places.give_back(host, answered=True)


def taken(places: Places, hosts: Iterable[str]) -> int:
    """Take as many places as the ``hosts`` get, and return how many that is."""
    return sum(places.take(host) for host in hosts)


def test_strangers_get_half_of_the_places_and_acquaintances_the_others() -> None:
    places = Places(64)
    known = [f"known-{number}.example" for number in range(100)]
    acquainted(places, known)

    strangers = taken(places, (f"strange-{number}.example" for number in range(1_000)))

    assert strangers == 32
    assert taken(places, known) == 32
    assert places.full


@pytest.mark.parametrize(
    ("known", "shares"), [(False, [7, 5, 4]), (True, [13, 11, 8])], ids=["strange", "known"]
)
def test_one_zone_takes_a_fifth_of_the_places_and_leaves_the_others_theirs(
    known: bool, shares: list[int]
) -> None:
    places = Places(64)
    zones = [[f"n{number}.zone-{zone}.test" for number in range(100)] for zone in "abc"]
    if known:
        acquainted(places, (host for zone in zones for host in zone))

    assert [taken(places, zone) for zone in zones] == shares


def test_acquaintances_that_begin_to_hang_leave_places_for_others_of_their_kind() -> None:
    places = Places(64)
    hostile = [f"n{number}.zone-{number % 10}.test" for number in range(1_000)]
    acquainted(places, [*hostile, "hooks.calm.example"])

    taken(places, hostile)

    assert not places.full
    assert places.take("hooks.calm.example")


def test_name_that_hung_is_a_stranger_until_it_answers_again() -> None:
    places = Places(4)
    acquainted(places, ["hooks.example"])
    assert places.take("hooks.example")
    places.give_back("hooks.example", answered=False)
    assert taken(places, ["a.test", "b.test"]) == 2

    as_stranger = places.take("hooks.example")
    places.give_back("a.test", answered=False)
    acquainted(places, ["hooks.example"])

    assert not as_stranger
    assert places.take("a.test")
    assert places.take("hooks.example")


HOSTS = st.sampled_from([f"n{number}.zone-{zone}.test" for number in range(4) for zone in "abcd"])


@given(st.integers(1, 8), st.lists(st.tuples(HOSTS, st.booleans()), max_size=60))
def test_no_more_places_are_taken_than_there_are_and_each_comes_back(
    limit: int, steps: list[tuple[str, bool]]
) -> None:
    places, held = Places(limit), set[str]()

    for host, answered in steps:
        if host in held:
            held.remove(host)
            places.give_back(host, answered=answered)
        elif places.take(host):
            held.add(host)

        assert len(held) <= limit
        assert places.full == (len(held) == limit)
    for host in held:
        places.give_back(host, answered=False)

    assert places.take("last.example")
