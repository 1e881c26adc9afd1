"""Which names belong together, and whose names make room for others."""

import pytest

from core.http.zones import KeptByName, zone_of


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("hooks.example.com", "example.com"),
        ("a.b.c.example.com", "example.com"),
        ("example.com", "example.com"),
        ("hooks.example.com.", "example.com"),
        ("localhost", "localhost"),
        ("shop.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("n1.abc.io", "abc.io"),
        ("n1.co.example", "co.example"),
        ("co.uk", "co.uk"),
        ("uk", "uk"),
    ],
)
def test_zone_of_a_name_is_the_domain_of_its_owner(host: str, zone: str) -> None:
    assert zone_of(host) == zone


def test_flood_of_names_in_one_zone_drives_out_none_of_another() -> None:
    kept: KeptByName[int] = KeptByName(10)
    kept.keep("hooks.calm.example", -1)

    for number in range(1_000):
        kept.keep(f"n{number}.flood.example", number)

    assert kept.get("hooks.calm.example") == -1
    assert [kept.get(f"n{number}.flood.example") for number in (990, 991, 999)] == [None, 991, 999]
    assert len(kept) == 10


def test_what_is_kept_anew_replaces_what_was_and_is_the_last_to_go() -> None:
    kept: KeptByName[str] = KeptByName(2)
    kept.keep("a.flood.example", "first")
    kept.keep("b.flood.example", "second")

    kept.keep("a.flood.example", "third")
    kept.keep("c.flood.example", "fourth")

    assert [kept.get(f"{name}.flood.example") for name in "abc"] == ["third", None, "fourth"]


def test_what_is_dropped_makes_room() -> None:
    kept: KeptByName[str] = KeptByName(1)
    kept.keep("a.example", "first")

    kept.drop("a.example")
    kept.drop("unknown.example")
    kept.keep("b.example", "second")

    assert ("a.example" in kept, "b.example" in kept, len(kept)) == (False, True, 1)
