import pytest

from core.http import InvalidHeaderError
from core.http.headers import prepare_headers

INVALID = {
    "line-feed": ("X-Order", "1\nX-Injected: 1"),
    "carriage-return": ("X-Order", "1\rX-Injected: 1"),
    "folded-line": ("X-Order", "1\r\n 2"),
    "null": ("X-Order", "1\x00"),
    "escape": ("X-Order", "\x1b[31m"),
    "next-line": ("X-Order", "1\x85X-Injected: 1"),
    "outside-latin-1": ("X-Order", "€"),
    "line-separator": ("X-Order", "1\u2028"),
    "surrogate": ("X-Order", "\ud800"),
    "empty-name": ("", "1"),
    "space-in-name": ("X Order", "1"),
    "colon-in-name": ("X-Order:", "1"),
    "line-feed-in-name": ("X-Order\n", "1"),
    "accent-in-name": ("X-Ördér", "1"),
    "endless-name": ("X" * 257, "1"),
    "host": ("Host", "internal.example"),
    "length": ("content-length", "0"),
    "transfer-coding": ("Transfer-Encoding", "chunked"),
    "connection": ("Connection", "close"),
    "upgrade": ("Upgrade", "h2c"),
    "expect": ("Expect", "100-continue"),
    "proxy-credentials": ("Proxy-Authorization", "Basic eDp5"),
    "too-long": ("X-Order", "x" * 32_768),
}


@pytest.mark.parametrize(("name", "value"), INVALID.values(), ids=INVALID.keys())
def test_a_header_that_could_change_the_message_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidHeaderError):
        prepare_headers({name: value})


def test_a_refused_value_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidHeaderError, match="the header Authorization") as caught:
        prepare_headers({"Authorization": "Bearer t0ken\n"})

    assert "t0ken" not in str(caught.value)


def test_a_header_given_twice_in_two_spellings_is_refused() -> None:
    with pytest.raises(InvalidHeaderError, match="given twice"):
        prepare_headers({"X-Order": "1", "x-order": "2"})


def test_defaults_name_the_product_and_ask_for_plain_content() -> None:
    assert prepare_headers({}) == {
        "User-Agent": "Patchbay/0.1.0",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }


def test_given_headers_replace_the_defaults_in_any_spelling() -> None:
    assert prepare_headers({"user-agent": "acme"}) == {
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "user-agent": "acme",
    }


def test_white_space_around_a_value_is_dropped_and_latin_1_is_kept() -> None:
    assert prepare_headers({"X-Name": " \tJosé \t"})["X-Name"] == "José"
