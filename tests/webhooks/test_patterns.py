import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.event_names import is_name
from webhooks.patterns import (
    PatternError,
    check_pattern,
    choose,
    matches,
)

WORDS = st.text("ab0_", min_size=1, max_size=3)
TYPES = st.lists(WORDS, min_size=2, max_size=4).map(lambda words: "t" + ".".join(words))


@pytest.mark.parametrize(
    ("pattern", "event_type", "taken"),
    [
        ("order.created", "order.created", True),
        ("order.created", "order.created.late", False),
        ("order.created", "border.created", False),
        ("order.*", "order.created", True),
        ("order.*", "order.item.added", True),
        ("order.*", "orders.created", False),
        ("order.*", "order", False),
        ("order.item.*", "order.item.added", True),
        ("order.item.*", "order.created", False),
        ("order.*.failed", "order.payment.failed", True),
        ("order.*.failed", "order.failed", False),
        ("order.*.failed", "order.payment.card.failed", False),
        ("order.*.*", "order.created", False),
        ("order.*.*", "order.item.line.added", True),
        ("*.created", "order.created", True),
        ("*.created", "order.item.created", False),
        ("*", "order.created", True),
        ("*", "order.item.added", True),
        ("order.c*", "order.created", False),
        ("", "order.created", False),
        (".*", "order.created", False),
        ("order|user.*", "user.created", False),
    ],
)
def test_a_pattern_takes_the_types_that_it_stands_for(
    pattern: str, event_type: str, taken: bool
) -> None:
    assert matches([pattern], event_type) is taken


def test_one_pattern_of_several_is_enough_and_none_takes_nothing() -> None:
    assert matches(["user.*", "order.created"], "order.created") is True
    assert matches(["user.*", "order.deleted"], "order.created") is False
    assert matches([], "order.created") is False


@pytest.mark.parametrize(
    "pattern",
    ["*", "order.*", "order.created", "order.*.failed", "*.created", "a.1", "*.*", "a." + "b" * 98],
)
def test_a_pattern_that_can_match_passes_the_check(pattern: str) -> None:
    check_pattern(pattern)

    assert matches([pattern], pattern.replace("*", "a9")) is True


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", '"" has an empty word; write one word between two dots'),
        ("order..created", '"order..created" has an empty word; write one word between two dots'),
        ("order.", '"order." has an empty word; write one word between two dots'),
        (
            "order.c*",
            '"order.c*" mixes "*" with letters; "*" stands for whole words, as in order.*',
        ),
        ("**", '"**" mixes "*" with letters; "*" stands for whole words, as in order.*'),
        (
            "Order.created",
            '"Order" in "Order.created" is not a word of lower-case letters, digits and "_"',
        ),
        (
            "order.created\n",
            '"created\n" in "order.created\n" is not a word of lower-case letters, digits and "_"',
        ),
        ("order", '"order" matches nothing: write "order.*" for all its events, or "*" for all'),
        ("1.a", '"1.a" matches nothing: an event type starts with a letter'),
        ("_a.*", '"_a.*" matches nothing: an event type starts with a letter'),
        ("a." + "b" * 99, "A pattern has at most 100 characters, not 101"),
    ],
)
def test_a_pattern_that_can_match_nothing_is_refused_with_what_to_write(
    pattern: str, message: str
) -> None:
    with pytest.raises(PatternError) as caught:
        check_pattern(pattern)

    assert str(caught.value) == message


@given(TYPES, st.data())
def test_replacing_words_by_stars_keeps_a_type_taken(event_type: str, data: st.DataObject) -> None:
    words = event_type.split(".")
    stars = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    pattern = ".".join("*" if star else word for word, star in zip(words, stars, strict=True))

    check_pattern(pattern)

    assert matches([pattern], event_type) is True
    assert matches([pattern], event_type + ".more") is pattern.endswith("*")


@given(st.text("ab.*1_|\n", max_size=8), TYPES)
def test_a_text_that_is_no_pattern_takes_nothing(text: str, event_type: str) -> None:
    try:
        check_pattern(text)
    except PatternError:
        assert matches([text], event_type) is False
    else:
        assert matches(["*"], event_type) is True


@given(st.text("aA.1_-\n", max_size=8) | TYPES)
def test_a_pattern_without_stars_is_exactly_the_name_of_an_event(text: str) -> None:
    try:
        check_pattern(text)
    except PatternError:
        assert is_name(text) is False
    else:
        assert is_name(text) is True


@pytest.mark.parametrize(
    ("chosen_by", "expected"),
    [
        (["order.created", "order.created", "user.created"], ["order.created"]),
        (["order.*"], ["order.created", "order.updated"]),
        (["order.updated", "invoice.*"], ["invoice.paid", "order.updated"]),
        ([], []),
    ],
)
def test_types_that_a_subscription_wants_are_chosen_once(
    chosen_by: list[str], expected: list[str]
) -> None:
    types = ["order.created", "order.updated", "invoice.paid"]

    assert sorted(choose(chosen_by, types)) == expected
