"""Whose names make room for others."""

from core.http.keeping import KeptByName


def test_flood_of_names_of_one_caller_drives_out_none_of_another() -> None:
    kept: KeptByName[int] = KeptByName(10)
    kept.keep("hooks.calm.example", -1, caller="calm")

    for number in range(1_000):
        kept.keep(f"flood-{number}.example", number, caller="hostile")

    assert kept.get("hooks.calm.example") == -1
    assert [kept.get(f"flood-{number}.example") for number in (990, 991, 999)] == [None, 991, 999]
    assert len(kept) == 10


def test_what_is_kept_anew_replaces_what_was_and_is_the_last_to_go() -> None:
    kept: KeptByName[str] = KeptByName(2)
    kept.keep("a.example", "first", caller="hostile")
    kept.keep("b.example", "second", caller="hostile")

    kept.keep("a.example", "third", caller="hostile")
    kept.keep("c.example", "fourth", caller="hostile")

    assert [kept.get(f"{name}.example") for name in "abc"] == ["third", None, "fourth"]


def test_name_that_is_kept_for_another_caller_no_longer_counts_for_the_one_before() -> None:
    kept: KeptByName[str] = KeptByName(3)
    for name in "abc":
        kept.keep(f"{name}.example", "first", caller="hostile")

    for name in "ab":
        kept.keep(f"{name}.example", "second", caller="calm")
    kept.keep("d.example", "third", caller="hostile")

    assert [kept.get(f"{name}.example") for name in "abcd"] == [None, "second", "first", "third"]


def test_what_is_dropped_makes_room() -> None:
    kept: KeptByName[str] = KeptByName(1)
    kept.keep("a.example", "first", caller="calm")

    kept.drop("a.example")
    kept.drop("unknown.example")
    kept.keep("b.example", "second", caller="hostile")

    assert (kept.get("a.example"), kept.get("b.example"), len(kept)) == (None, "second", 1)
