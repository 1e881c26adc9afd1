"""URL templates: a value never becomes more than the part of the URL where it stands."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.templating import TemplateRenderError, TemplateSyntaxError, compile_url_template

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
HOST_RULE = "a host takes only letters a-z, digits, '.' and '-', at least one"
DOMAIN_RULE = (
    "the domain must be written out after the hole, as in {{shop}}.example.com,"
    " unless the hole reads only config; a path starts with '/'"
)
DOT_RULE = "'.' and '..' are no parts of a path here"


def render(source: str, **scope: Any) -> str:
    return compile_url_template(source).render(scope, now=NOW)


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTP://127.0.0.1:8080/hook", "HTTP://127.0.0.1:8080/hook"),
        ("https://[::1]:8443/x?y#z", "https://[::1]:8443/x?y#z"),
        ("https://example.com/ü/%C3%BC?q=é", "https://example.com/%C3%BC/%C3%BC?q=%C3%A9"),
        ("https://{{shop}}.example.com/a", "https://acme.example.com/a"),
        ("https://api-{{shop}}.eu.example.com:444/", "https://api-acme.eu.example.com:444/"),
        ("https://{{config.host}}:444/{{n}}", "https://api.example.org:444/12.5"),
        ("https://{{config['host']}}/", "https://api.example.org/"),
        (
            "https://example.com/a/{{text}}/b",
            "https://example.com/a/a%2Fb%3Fc%23d%20%26%25%40%3A%2B/b",
        ),
        (
            "https://example.com/?q={{text}}",
            "https://example.com/?q=a%2Fb%3Fc%23d%20%26%25%40%3A%2B",
        ),
        ("https://example.com/#{{text}}", "https://example.com/#a%2Fb%3Fc%23d%20%26%25%40%3A%2B"),
        (
            "https://example.com/?{{shop}}={{missing}}&x={{list}}",
            "https://example.com/?acme=&x=%5B1%5D",
        ),
        ("https://example.com/{{half}}", "https://example.com/%EF%BF%BD"),
        ("https://example.com/v{{n}}..{{n}}", "https://example.com/v12.5..12.5"),
        ("https://example.com/{{ '}}' }}", "https://example.com/%7D%7D"),
    ],
)
def test_value_is_encoded_for_where_it_stands(source: str, rendered: str) -> None:
    scope = {
        "shop": "acme",
        "config": {"host": "api.example.org"},
        "n": 12.5,
        "text": "a/b?c#d &%@:+",
        "list": [1],
        "half": "\ud83d",
    }

    assert render(source, **scope) == rendered


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ("", "a URL starts with http:// or https://, written out", 1),
        ("/orders", "a URL starts with http:// or https://, written out", 1),
        ("{{scheme}}://example.com/", "a URL starts with http:// or https://, written out", 1),
        ("http{{s}}://example.com/", "a URL starts with http:// or https://, written out", 1),
        ("{{url}}", "a URL starts with http:// or https://, written out", 1),
        ("ftp://example.com/", "a URL starts with http:// or https://, written out", 1),
        ("javascript:alert(1)", "a URL starts with http:// or https://, written out", 1),
        ("https:///path", "the host is missing", 9),
        ("https://:80/path", "the host is missing", 9),
        ("https://user:pass@example.com/", "credentials do not belong in a URL; use a header", 9),
        ("https://{{user}}@example.com/", "credentials do not belong in a URL; use a header", 9),
        ("https://example.com:{{port}}/", "a port is a number, written out", 20),
        ("https://example.com:80{{port}}/", "a port is a number, written out", 20),
        ("https://example.com:http/", "a port is a number, written out", 20),
        (
            "https://münchen.example/",
            "a host has letters a-z, digits, '.' and '-'; others are written as xn--…",
            9,
        ),
        ("https://{{host}}/", DOMAIN_RULE, 9),
        ("https://{{shop}}.com/", DOMAIN_RULE, 9),
        ("https://api.{{shop}}/", DOMAIN_RULE, 13),
        ("https://{{shop}}example.com/", DOMAIN_RULE, 9),
        ("https://example.com{{path}}", DOMAIN_RULE, 20),
        ("https://{{config.host + shop}}/", DOMAIN_RULE, 9),
        ("https://{{'example'}}/", DOMAIN_RULE, 9),
        ("https://example.com/a b", "' ' must be percent-encoded in a URL", 22),
        ("https://example.com\\@evil.com/", r"'\\' must be percent-encoded in a URL", 20),
        ("https://example.com/\n", r"'\n' must be percent-encoded in a URL", 21),
        ("https://example.com/{{a}}/{b}", "'{' must be percent-encoded in a URL", 27),
        ("https://example.com/100%", "'%' must be percent-encoded in a URL", 24),
        ("https://example.com/%2{{x}}", "'%' must be percent-encoded in a URL", 21),
        ("https://example.com/\ud83d", r"'\ud83d' must be percent-encoded in a URL", 21),
        ("https://example.com/{{a}}/../b", DOT_RULE, 27),
        ("https://example.com/%2E./b", DOT_RULE, 21),
        ("https://example.com/{{a +}}", "the expression ends too early", 26),
        ("https://example.com/{{a", "the hole is not closed by '}}'", 21),
    ],
)
def test_url_that_cannot_work_is_refused_with_its_place(
    source: str, message: str, column: int
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_url_template(source)

    assert (caught.value.message, caught.value.line, caught.value.column) == (message, 1, column)


@pytest.mark.parametrize(
    "value",
    [
        "evil.com/",
        "evil.com#",
        "evil.com?",
        "a@evil.com",
        "evil.com:80",
        "a\\b",
        "ü",
        "",
        None,
        "a b",
        "a\n",
        "%2f",
        [1],
    ],
)
def test_host_takes_no_value_that_could_be_more_than_a_label(value: Any) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        render("https://{{x}}.example.com/", x=value)

    assert (caught.value.message, caught.value.column) == (HOST_RULE, 9)


@pytest.mark.parametrize(
    "value", [".", "..", "a..b", "-a", "a-", "a.", ".a", "a" * 64, "a." * 121 + "a"]
)
def test_rendered_host_must_be_a_domain_name(value: str) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        render("https://{{x}}.example.com/", x=value)

    assert caught.value.message == "the host is not a domain name"


@pytest.mark.parametrize(
    ("source", "value", "message"),
    [
        ("https://example.com/{{x}}/keys", "..", DOT_RULE),
        ("https://example.com/a/{{x}}", ".", DOT_RULE),
        ("https://example.com/{{x}}{{x}}/a", ".", DOT_RULE),
        ("https://example.com/.{{x}}/a", ".", DOT_RULE),
        ("https://example.com/%2e{{x}}/a", ".", DOT_RULE),
        (
            "https://example.com/orders/{{x}}",
            "",
            "a path takes no empty value; it would lead elsewhere",
        ),
        (
            "https://example.com/orders/{{x}}",
            None,
            "a path takes no empty value; it would lead elsewhere",
        ),
        ("https://example.com/?{{x}}", "x" * 8192, "the URL is longer than 8,192 characters"),
    ],
)
def test_path_cannot_be_led_elsewhere(source: str, value: Any, message: str) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        render(source, x=value)

    assert caught.value.message == message


@given(TEXTS.filter(lambda text: text not in {"", ".", ".."}), TEXTS)
def test_any_value_stays_in_its_part_of_the_url(path: str, query: str) -> None:
    url = render("https://example.com/a/{{p}}/b?q={{q}}&r=1#{{q}}", p=path, q=query)

    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("https", "example.com")
    assert [unquote(segment) for segment in parts.path.split("/")] == ["", "a", path, "b"]
    assert parse_qsl(parts.query, keep_blank_values=True) == [("q", query), ("r", "1")]
    assert unquote(parts.fragment) == query
