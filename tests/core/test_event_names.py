import pytest

from core.event_names import is_first_word, is_name, is_word


@pytest.mark.parametrize("text", ["order", "a", "z9_", "created"])
def test_word_that_starts_with_a_letter_may_stand_anywhere(text: str) -> None:
    assert (is_word(text), is_first_word(text)) == (True, True)


@pytest.mark.parametrize("text", ["1", "_", "2nd", "_created"])
def test_word_that_starts_otherwise_may_not_come_first(text: str) -> None:
    assert (is_word(text), is_first_word(text)) == (True, False)


@pytest.mark.parametrize(
    "text", ["", "Order", "a-b", "a b", "a\n", "é", "a.b", "*", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_anything_else_is_no_word(text: str) -> None:
    assert (is_word(text), is_first_word(text)) == (False, False)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("order.created", True),
        ("a.1._", True),
        ("a." + "b" * 98, True),
        ("a." + "b" * 99, False),
        ("order", False),
        ("1.a", False),
        ("a..b", False),
        (".a", False),
        ("a.", False),
        ("a.b\n", False),
    ],
)
def test_name_is_two_or_more_words_of_a_bounded_length(text: str, named: bool) -> None:
    assert is_name(text) is named
