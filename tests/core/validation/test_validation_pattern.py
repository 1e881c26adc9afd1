import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation.pattern import PatternError, PatternLimitError, compile_pattern

ATOMS = st.sampled_from(
    ["a", "b", "c", ".", r"\d", r"\w", r"\s", "[ab]", "[^a]", "[b-d1]", r"[\d_-]", "^", "$", r"\."]
)
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        )
    ),
    max_leaves=8,
)


def in_python(pattern: str) -> str:
    r"""Write a pattern so that Python gives it ECMAScript's meaning of ``$`` and ``.``."""
    return (
        pattern.replace("$", r"\Z")
        .replace(r"\.", "DOT")
        .replace(".", r"[^\n\r]")
        .replace("DOT", r"\.")
    )


@given(PATTERNS, st.text("abcd1_ .-\n", max_size=8))
def test_the_automaton_agrees_with_the_standard_library(pattern: str, text: str) -> None:
    expected = re.search(in_python(pattern), text, re.ASCII) is not None

    assert compile_pattern(pattern).search(text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        (r"^[A-Z]{2}-\d{4}$", "AB-1234", True),
        (r"^[A-Z]{2}-\d{4}$", "AB-12345", False),
        (r"^[A-Z]{2}-\d{4}$", "AB-1234\n", False),
        (r"^(draft|paid|sent)$", "paid", True),
        (r"^(draft|paid|sent)$", "unpaid", False),
        (r"^$", "", True),
        (r"^$", "x", False),
        ("", "x", True),
        (r"b", "abc", True),
        (r"a|", "x", True),
        (r"^\u00e9\x41$", "éA", True),
        (r"^[^\s]+$", "a\u3000b", False),
        (r"^\d$", "٣", False),
        (r"^.$", "😀", True),
        (r"^.$", "\u2028", False),
        (r"^[\]\\-]+$", "]\\-", True),
        (r"^(?<year>\d{4})\/(?P<m>\d\d)$", "2026/03", True),
        (r"^[a-z.]+@[a-z]+\.[a-z]{2,}$", "jo.doe@example.com", True),
        (r"x{2,3}?y", "axxxy", True),
        (r"a]}", "a]}", True),
    ],
)
def test_patterns_mean_what_ecmascript_says(pattern: str, text: str, matched: bool) -> None:
    assert compile_pattern(pattern).search(text) is matched


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"^(a|a)*$", r"(a|aa)+$", r"(.*a){20}$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(a*)*b"],
)
def test_a_pattern_that_hangs_other_engines_is_answered(pattern: str) -> None:
    matched = compile_pattern(pattern).search("a" * 5_000 + "!")

    assert matched is False


def test_a_text_too_long_for_a_large_pattern_is_refused_and_not_hung_on() -> None:
    pattern = compile_pattern("(a|b)*a(a|b){300}c")
    text = "".join(random.Random(1).choices("ab", k=100_000))
    with pytest.raises(PatternLimitError, match="The text is too long for this pattern"):
        pattern.search(text)


def test_what_is_remembered_about_a_pattern_stays_bounded() -> None:
    pattern = compile_pattern("^[^x]*$")

    for start in range(0x4E00, 0x4E00 + 200):
        assert pattern.search("".join(chr(start + offset * 200) for offset in range(50))) is True

    assert len(pattern._remembered) == 50 * 200


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "This group is never closed (column 1)"),
        ("a)", 'This ")" closes no group; write "\\)" for the character (column 2)'),
        ("ab[c", 'This "[" is never closed; write "\\[" for the character (column 3)'),
        ("[]", "This class is empty, so it takes nothing (column 1)"),
        ("[z-a]", "The ends of the range are in the wrong order (column 2)"),
        (
            r"[\d-z]",
            'A range goes from one character to another; write "\\-" for a hyphen (column 2)',
        ),
        ("*a", 'There is nothing to repeat; write "\\*" for the character (column 1)'),
        ("a{b", 'There is nothing to repeat; write "\\{" for the character (column 2)'),
        ("a**", "A repetition cannot be repeated; put it in a group (column 3)"),
        ("a{2}{3}", "A repetition cannot be repeated; put it in a group (column 5)"),
        ("a{3,2}", "The limits of the repetition are in the wrong order (column 2)"),
        ("a{1001}", "A part is repeated at most 1000 times (column 2)"),
        (
            "(?=a)",
            "Lookaround and flags are not supported; only (…), (?:…), (?<name>…) (column 2)",
        ),
        (
            "(?i)a",
            "Lookaround and flags are not supported; only (…), (?:…), (?<name>…) (column 2)",
        ),
        (r"(a)\1", "Backreferences are not supported (column 4)"),
        (r"\bword", '"\\b" is not supported (column 1)'),
        (r"\p{L}", '"\\p" is not supported (column 1)'),
        (r"\u12", '"\\u" needs hexadecimal digits (column 1)'),
        ("a\\", 'A pattern cannot end with "\\" (column 2)'),
        ("(" * 21 + ")" * 21, "Groups are nested deeper than 20 levels (column 21)"),
        ("a" * 501, "A pattern has at most 500 characters (column 501)"),
        (
            "((a{100}){100}){100}",
            "The pattern is too large once its repetitions are written out (column 1)",
        ),
        (
            "((((){1000}){1000}){1000}){1000}",
            "The pattern is too large once its repetitions are written out (column 1)",
        ),
    ],
)
def test_a_pattern_that_cannot_be_run_is_refused_with_its_column(
    pattern: str, message: str
) -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)

    assert str(caught.value) == message


@given(st.text() | st.text(r"ab()[]{}|*+?^$.\-,12dwx:<>=!", max_size=20), st.text(max_size=20))
def test_any_text_is_a_pattern_or_a_pattern_error(source: str, text: str) -> None:
    try:
        pattern = compile_pattern(source)
    except PatternError as exc:
        assert 1 <= exc.column <= len(source) + 1  # noqa: PT017 - either outcome is right
    else:
        assert pattern.search(text) in {True, False}
