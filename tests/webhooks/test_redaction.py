"""Keeping secrets out of what is stored and shown."""

import json
import re
import sys
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webhooks.redaction import MASK, Redactor, folded_case, masked, sensitive


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "X-API-Key",
        "apikey",
        "api_key",
        "X-Auth-Token",
        "X-Webhook-Secret",
        "X-Password",
        "X-Hub-Signature",
    ],
)
def test_header_that_usually_holds_a_secret_is_sensitive(name: str) -> None:
    assert sensitive(name)


@pytest.mark.parametrize("name", ["Content-Type", "Accept", "X-Monkey", "X-Team", "User-Agent"])
def test_other_headers_are_not_sensitive(name: str) -> None:
    assert not sensitive(name)


@pytest.mark.parametrize(
    "value",
    [
        "{{config.api_key}}",
        "Bearer {{config.api_key}}",
        "Basic {{base64_encode(concat(config.user, ':', config.password))}}",
        "{{config.a}}{{config.b}}",
        "",
    ],
)
def test_reference_to_configuration_is_shown(value: str) -> None:
    assert masked("Authorization", value) == value


@pytest.mark.parametrize(
    "value",
    [
        "Bearer abc",
        "abc",
        "abc{{config.api_key}}",
        "{{config.api_key}}abc",
        "{{'abc'}}",
        "{{concat(config.user, 'abc')}}",
        '{{"abc"}}{{config.a}}',
        "{{order.token}}",
        "Secretword {{config.a}}",
    ],
)
def test_literal_secret_is_masked(value: str) -> None:
    assert masked("Authorization", value) == MASK


def test_header_that_holds_no_secret_is_shown() -> None:
    assert masked("X-Team", "sales") == "sales"


@pytest.mark.parametrize(
    "spelling",
    [
        'p/a s"s+ü',
        'P/A S"S+Ü',
        "p/a%20s%22s%2B%C3%BC",
        "p%2Fa%20s%22s%2B%C3%BC",
        "p%2Fa+s%22s%2B%C3%BC",
        'p/a s\\"s+ü',
        'p/a s\\"s+\\u00fc',
    ],
)
def test_every_spelling_of_a_secret_is_blotted_out(spelling: str) -> None:
    redactor = Redactor(['p/a s"s+ü'])

    assert redactor.text(f"<{spelling}>") == f"<{MASK}>"


def test_longer_secret_wins_over_the_shorter_one_it_begins_with() -> None:
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{MASK} {MASK}"


def test_short_values_and_none_at_all_change_nothing() -> None:
    assert Redactor(["eu", ""]).text("neue") == "neue"
    assert Redactor([]).text("text") == "text"


@pytest.mark.parametrize("text", ["abcdefgh", "xabcdefghx", "abcdefghabcd"])
def test_of_two_secrets_that_overlap_neither_remains(text: str) -> None:
    redacted = Redactor(["abcd", "cdefgh"]).text(text)

    assert "abcd" not in redacted
    assert "cdefgh" not in redacted


def test_secret_without_a_plain_letter_is_blotted_out_as_well() -> None:
    redactor = Redactor(["§%& ü"])

    assert redactor.text("a §%& Ü b") == f"a {MASK} b"
    assert redactor.text("a %c2%a7%25%26%20%c3%bc b") == f"a {MASK} b"


# Few letters, so that secrets overlap; with those that have odd relatives in the other case.
LETTERS = st.sampled_from(
    'abA%2/+ "\\ü\u0130\u0131iI\u017fsS\u212akK\u03a3\u03c3\u03c2ß\u1e9e\u00b5\u03bc'
)
SECRETS = st.lists(st.text(LETTERS, min_size=4, max_size=8), min_size=1, max_size=5)
CASES = st.sampled_from([str, str.lower, str.upper, str.swapcase, str.title])


def written(secret: str) -> list[str]:
    """Return how ``secret`` may stand in an answer."""
    escaped = (json.dumps(secret), json.dumps(secret, ensure_ascii=False))
    quoted = (quote(secret), quote(secret, safe=""), quote_plus(secret))
    return [secret, *quoted, *(text[1:-1] for text in escaped)]


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[str], str]:
    """Return secrets, and a text in which some of them stand in one way or another."""
    secrets = draw(SECRETS)
    ways = [way for secret in secrets for way in written(secret)]
    part = st.text(LETTERS, max_size=6) | st.builds(
        lambda case, way: case(way), CASES, st.sampled_from(ways)
    )
    return secrets, "".join(draw(st.lists(part, max_size=8)))


@given(answers())
@example((["aaaa", "aab"], "xaaaaaab"))
@example((["abcd", "cdef"], "ABCDEF"))
def test_no_spelling_of_a_secret_remains_in_either_case(answer: tuple[list[str], str]) -> None:
    secrets, text = answer

    redacted = Redactor(secrets).text(text)

    remaining = [
        way
        for secret in secrets
        for way in written(secret)
        if len(secret) >= 4 and re.search(re.escape(way), redacted, re.IGNORECASE)
    ]
    assert remaining == []


@given(answers())
def test_what_stands_between_secrets_is_kept_as_it_is(answer: tuple[list[str], str]) -> None:
    secrets, _ = answer
    ways = [way for secret in secrets for way in written(secret)]
    text = "".join(f"({way})\n" for way in ways)

    redacted = Redactor(secrets).text(text)

    assert redacted == f"({MASK})\n" * len(ways)


def test_letters_are_folded_as_regular_expressions_take_them_for_equal() -> None:
    alphabet = "".join(map(chr, range(sys.maxunicode + 1)))
    kin = [
        (letter, other)
        for letter in alphabet
        for other in {letter.lower(), letter.upper(), letter.upper().lower()} - {letter}
        if len(other) == 1
    ]

    folded_apart = [
        (letter, other)
        for letter, other in kin
        if (folded_case(letter) == folded_case(other))
        != bool(re.fullmatch(re.escape(letter), other, re.IGNORECASE))
    ]

    assert folded_apart == []
    assert {len(folded_case(letter)) for letter, _ in kin} == {1}
    assert len(folded_case(alphabet)) == len(alphabet)
