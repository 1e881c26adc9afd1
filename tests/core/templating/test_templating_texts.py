"""Text and header templates, and the limits of templates of every kind."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.templating import (
    Template,
    TemplateRenderError,
    TemplateSyntaxError,
    compile_header_template,
    compile_json_template,
    compile_text_template,
    compile_url_template,
)

NOW = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
HEADER_RULE = "a header holds no line breaks, control characters or letters beyond Latin-1"
COMPILERS: list[tuple[Callable[[str], Template], str]] = [
    (compile_json_template, ""),
    (compile_text_template, ""),
    (compile_url_template, "https://"),
    (compile_header_template, ""),
]


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("", ""),
        ("no hole } { }}", "no hole } { }}"),
        ("{{x}}", 'a "b"\n<c>\\'),
        ("{{x}}{{missing}}{{n}} {{t}} {{l}}", 'a "b"\n<c>\\1.5 true [1,"é"]'),
        ("{{ '{{' }}", "{{"),
        ("{{half}}", "\ufffd"),
        ("a\r\n{{\n  n\n}}", "a\r\n1.5"),
    ],
)
def test_text_template_puts_values_in_as_they_are(source: str, rendered: str) -> None:
    scope: dict[str, Any] = {
        "x": 'a "b"\n<c>\\',
        "n": 1.5,
        "t": True,
        "l": [1, "é"],
        "half": "\udc00",
    }

    assert compile_text_template(source).render(scope, now=NOW) == rendered


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ("a\n{{b", "the hole is not closed by '}}'", 2, 1),
        ("a\n{{ b + }}", "the expression ends too early", 2, 8),
        ("a\x00", "the text contains NUL or half of a surrogate pair", 1, 2),
        ("a\ud83d", "the text contains NUL or half of a surrogate pair", 1, 2),
    ],
)
def test_text_that_cannot_work_is_refused_with_its_place(
    source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_text_template(source)

    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)
    assert str(error) == f"{message} (line {line}, column {column})"


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("Bearer {{key}}", "Bearer k"),
        ("Basic {{base64_encode(concat(name, ':', key))}}", "Basic WsO2w6s6aw=="),
        (" {{name}} ", "Zöë"),
        ("Bearer {{missing}}", "Bearer"),
    ],
)
def test_header_template_renders_a_header_value(source: str, rendered: str) -> None:
    assert compile_header_template(source).render({"key": "k", "name": "Zöë"}, now=NOW) == rendered


@pytest.mark.parametrize(
    "value", ["a\r\nX-Admin: 1", "a\n", "\x00", "a\tb", "\x7f", "\x85", "€", "\ud83d", ["\n€"]]
)
def test_header_refuses_values_that_could_be_more_than_a_value(value: Any) -> None:
    template = compile_header_template("Bearer {{x}}")

    with pytest.raises(TemplateRenderError) as caught:
        template.render({"x": value}, now=NOW)

    assert (caught.value.message, caught.value.line, caught.value.column) == (HEADER_RULE, 1, 8)


@pytest.mark.parametrize("source", ["a\nb", "a\tb", "€", "\x00"])
def test_header_refuses_such_characters_in_its_source(source: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_header_template(source)

    assert caught.value.message == HEADER_RULE


@given(st.text(alphabet=st.characters()))
def test_rendered_header_can_always_be_sent(value: str) -> None:
    try:
        rendered = compile_header_template("x{{v}}x").render({"v": value}, now=NOW)
    except TemplateRenderError:
        rendered = ""

    codes = rendered.encode("latin-1")
    assert not [code for code in codes if code < 0x20 or 0x7F <= code < 0xA0]


@given(st.text(alphabet=st.characters()))
def test_rendered_text_can_always_be_encoded(value: str) -> None:
    rendered = compile_text_template("{{v}}").render({"v": value}, now=NOW)

    assert len(rendered.encode().decode()) == len(value)


@pytest.mark.parametrize(
    ("compile_template", "source", "message"),
    [
        (compile_json_template, " " * 100_001, "the text is longer than 100,000 characters"),
        (compile_text_template, " " * 100_001, "the text is longer than 100,000 characters"),
        (compile_header_template, "x" * 8_193, "the value is longer than 8,192 characters"),
        (
            compile_url_template,
            "https://e.com/" + "x" * 8_192,
            "the URL is longer than 8,192 characters",
        ),
        (compile_json_template, "[" * 51 + "]" * 51, "the text is nested deeper than 50 levels"),
        (
            compile_json_template,
            '{"a":' * 51 + "1" + "}" * 51,
            "the text is nested deeper than 50 levels",
        ),
        (compile_json_template, "[" * 100_000, "the text is nested deeper than 50 levels"),
        (compile_json_template, '"' + "{{a}}" * 501 + '"', "the template has more than 500 holes"),
        (compile_text_template, "{{a}}" * 501, "the template has more than 500 holes"),
        (
            compile_text_template,
            "{{" + "(" * 41 + "}}",
            "the expression is nested deeper than 40 levels",
        ),
        (
            compile_text_template,
            "{{" + " " * 2001 + "}}",
            "the expression is longer than 2,000 characters",
        ),
    ],
)
def test_oversized_template_is_refused_when_compiled(
    compile_template: Callable[[str], Template], source: str, message: str
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_template(source)

    assert caught.value.message == message


def test_template_at_the_limits_is_rendered() -> None:
    source = "[" * 50 + '"' + "{{a}}" * 500 + '"' + "]" * 50

    rendered = compile_json_template(source).render({"a": "x"}, now=NOW)

    assert rendered == "[" * 50 + '"' + "x" * 500 + '"' + "]" * 50


@pytest.mark.parametrize(
    ("source", "value", "column"),
    [
        ('["{{small}}", "{{x}}"]', "x" * (1024 * 1024 + 1), 16),
        ("[{{x}}, {{x}}]", "x" * (512 * 1024), 9),
        ('["{{x}}"]', "é" * (512 * 1024 + 1), 3),
        ('["{{x}}"]', "\x00" * 200_000, 3),
    ],
)
def test_result_beyond_the_limit_is_refused_at_the_hole(
    source: str, value: str, column: int
) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        compile_json_template(source).render({"x": value, "small": "s"}, now=NOW)

    error = caught.value
    assert (error.message, error.line, error.column) == (
        "the result is larger than 1,048,576 bytes",
        1,
        column,
    )


def test_result_at_the_limit_is_rendered() -> None:
    rendered = compile_text_template("{{x}}").render({"x": "x" * 1024 * 1024}, now=NOW)

    assert len(rendered) == 1024 * 1024


def test_work_of_all_holes_together_is_bounded() -> None:
    source = "{{length(trim(x)) > 0}} " * 500

    with pytest.raises(TemplateRenderError) as caught:
        compile_text_template(source).render({"x": "x" * 90_000}, now=NOW)

    assert caught.value.message == "trim(): the values are too large to compute this"


@pytest.mark.parametrize(
    ("compile_template", "source"),
    [
        (compile_json_template, '"{{date(order.at)}}"'),
        (compile_text_template, "{{date(order.at)}}"),
        (compile_url_template, "https://example.com/{{date(order.at)}}"),
        (compile_header_template, "{{date(order.at)}}"),
    ],
)
def test_every_kind_of_template_has_the_same_interface(
    compile_template: Callable[[str], Template], source: str
) -> None:
    template = compile_template(source)

    scope = {"order": {"at": "2026-03-14T23:30:00Z"}}
    assert template.source == source
    assert template.names == frozenset({"order.at"})
    assert "2026-03-14" in template.render(scope, now=NOW)
    assert "2026-03-15" in template.render(scope, now=NOW, time_zone=ZoneInfo("Europe/Berlin"))
    assert compile_template(source) is template


@pytest.mark.parametrize(("compile_template", "prefix"), COMPILERS)
@given(source=st.text(alphabet="{}ab'\"/:.?#@%\\ +") | st.text(alphabet=st.characters()))
def test_any_text_compiles_and_renders_or_is_cleanly_refused(
    compile_template: Callable[[str], Template], prefix: str, source: str
) -> None:
    try:
        rendered = compile_template(prefix + source).render({"a": "x", "b": 1}, now=NOW)
    except (TemplateSyntaxError, TemplateRenderError) as error:
        rendered = error.message

    assert rendered.encode().decode() == rendered


def test_error_never_shows_a_value() -> None:
    template = compile_header_template("Bearer {{config.api_key}}")

    with pytest.raises(TemplateRenderError) as caught:
        template.render({"config": {"api_key": "hunter2\n"}}, now=NOW)

    assert "hunter2" not in str(caught.value) + repr(caught.value)
