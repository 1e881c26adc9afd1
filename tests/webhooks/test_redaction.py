"""Keeping secrets out of what is stored and shown."""

import pytest

from webhooks.redaction import MASK, Redactor, masked, sensitive


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
