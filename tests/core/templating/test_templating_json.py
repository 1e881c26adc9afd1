"""JSON templates: whatever the values, the result is valid JSON and says what they say."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.templating import TemplateRenderError, TemplateSyntaxError, compile_json_template

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)
# Any JSON document in which some values and the ends of some texts are holes. Braces are left out
# of the literal texts: they would open holes of their own.
LITERALS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="{"))
BARE = ("bare", "")
SKELETONS = st.recursive(
    st.none() | st.integers() | LITERALS | st.just(BARE) | st.tuples(st.just("quoted"), LITERALS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LITERALS, inner, max_size=4),
)


def render(source: str, **scope: Any) -> str:
    return compile_json_template(source).render(scope, now=NOW)


@pytest.mark.parametrize(
    "source",
    [
        '{"a": 1, "b": [true, false, null]}',
        ' {\r\n\t"z" : 1.50E+3 ,"a":-0,\n"u": "\\u00e9\\/\\ud83d", "é": "\x7f😀\u2028"}\n ',
        '"}}"',
        '{"a":{"b":{}}}',
        '"{ { single } }"',
        "[]",
        "12345678901234567890",
    ],
)
def test_strict_json_without_holes_stays_as_it_is(source: str) -> None:
    assert render(source) == source


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ('"{{x}}"', '"a\\"b\\\\c\\nd"'),
        ("{{x}}", '"a\\"b\\\\c\\nd"'),
        ('["{{n}}", {{n}}]', '["12.5", 12.5]'),
        ('["{{t}}", {{t}}]', '["true", true]'),
        ('["{{missing.x}}", {{missing.x}}]', '["", null]'),
        ('["{{l}}", {{l}}]', '["[1,{\\"k\\":\\"é\\"}]", [1,{"k":"é"}]]'),
        ('{"{{k}}-{{n}}": "#{{k}}/{{k}}"}', '{"key-12.5": "#key/key"}'),
        ('{"a":{"b":{{n}}}}', '{"a":{"b":12.5}}'),
        ('{"a":{{n}}}', '{"a":12.5}'),
        ('"{{ \'}}\' + "}}" }}"', '"}}}}"'),
        ('"{{ concat(\\"a\\", \\u0027b\\u0027) }}"', '"ab"'),
        (r'"{{ replace(x, "\\n", " ") }}"', '"a\\"b\\\\c d"'),
        ("'{{ concat(k, ', ', k) }}'", '"key, key"'),
        ('"{{ \n k \n }}"', '"key"'),
    ],
)
def test_hole_becomes_what_its_place_asks_for(source: str, rendered: str) -> None:
    values = {"x": 'a"b\\c\nd', "n": 12.5, "t": True, "k": "key", "l": [1, {"k": "é"}]}

    assert render(source, **values) == rendered


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('", "admin": true, "x": "', '"\\", \\"admin\\": true, \\"x\\": \\""'),
        ("\u2028\u2029", '"\u2028\u2029"'),
        ("😀\x00\x1f\x7f", '"😀\\u0000\\u001f\x7f"'),
        ("\ud83d!", '"\\ud83d!"'),
        ("{{order.id}}", '"{{order.id}}"'),
        ("\\u0022", '"\\\\u0022"'),
    ],
)
@pytest.mark.parametrize("source", ['"{{x}}"', "{{x}}"])
def test_hostile_text_stays_a_text(source: str, text: str, written: str) -> None:
    rendered = render(source, x=text)

    assert rendered == written
    assert json.loads(rendered.encode()) == text


@given(VALUES)
def test_any_value_comes_through_a_hole_unchanged(value: Any) -> None:
    rendered = render('{"bare": {{x}}, "quoted": "<{{x}}>"}', x=value)

    shown = json.loads(rendered)
    assert shown["bare"] == value
    if isinstance(value, str):
        assert shown["quoted"] == f"<{value}>"
    elif value is None:
        assert shown["quoted"] == "<>"
    else:
        assert json.loads(shown["quoted"][1:-1]) == value


def written(skeleton: Any) -> str:
    """Write a skeleton as the source of a template."""
    if isinstance(skeleton, tuple):
        return "{{x}}" if skeleton == BARE else json.dumps(skeleton[1] + "{{x}}")
    if isinstance(skeleton, list):
        return "[" + ",".join(written(item) for item in skeleton) + "]"
    if isinstance(skeleton, dict):
        members = (f"{json.dumps(key)}: {written(item)}" for key, item in skeleton.items())
        return "{" + ", ".join(members) + "}"
    return json.dumps(skeleton)


def filled(skeleton: Any, text: str) -> Any:
    """Say what a skeleton is with its holes filled."""
    if isinstance(skeleton, tuple):
        return skeleton[1] + text
    if isinstance(skeleton, list):
        return [filled(item, text) for item in skeleton]
    if isinstance(skeleton, dict):
        return {key: filled(item, text) for key, item in skeleton.items()}
    return skeleton


@given(SKELETONS, TEXTS)
def test_any_template_renders_to_the_json_it_looks_like(skeleton: Any, text: str) -> None:
    rendered = render(written(skeleton), x=text)

    assert json.loads(rendered) == filled(skeleton, text)


@given(st.text(alphabet="{}[]\"':,.0x-+ab/*\\\n e") | st.text())
def test_any_text_is_a_template_or_a_clean_error(source: str) -> None:
    try:
        rendered = render(source, a=1, b="x")
    except (TemplateSyntaxError, TemplateRenderError) as error:
        rendered = json.dumps([error.line, error.column])

    json.loads(rendered.encode())


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        (
            '{"a": {{order.}}}',
            "expected a name after '.'; other keys are written ['key'], items of a list [0]",
            1,
            15,
        ),
        (
            '{\n  "a": "x {{uper(b)}}"\n}',
            "there is no function uper(); did you mean upper()?",
            2,
            13,
        ),
        (r'"\u00e9{{\u0061 + \"x\" +}}"', "the expression ends too early", 1, 26),
        ("{{}}", "an expression is missing", 1, 3),
        ('"{{ }}"', "an expression is missing", 1, 5),
        ('"a {{b"', "the hole is not closed by '}}'; a text in it has no closing quote", 1, 4),
        ("{{b}", "the hole is not closed by '}}'", 1, 1),
        ('{"a": {{b}} {{c}}}', "unexpected '{'; expected ',' or '}'", 1, 13),
        ("{{{k}}: 1}", "unexpected ':'; expected the end", 1, 7),
        ("{ {{k}}: 1}", "a hole in a key stands in quotes", 1, 3),
        ('{"a": 1, "\\u0061": 2}', "the object has this key already", 1, 10),
        ('{"{{k}}": 1, "{{k}}": 2}', "the object has this key already", 1, 14),
    ],
)
def test_template_that_cannot_work_is_refused_with_its_place(
    source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_json_template(source)

    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ('{\n "a": {{x / 0}}}', "division by zero", 2, 11),
        ('"{{concat(\\"\\", 1 / 0)}}"', "division by zero", 1, 19),
        ("[1, {{nan}}]", "the value cannot be written as JSON", 1, 5),
        ('["{{nan}}"]', "the value cannot be written as JSON", 1, 3),
    ],
)
def test_value_that_cannot_be_rendered_is_refused_with_its_place(
    source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        render(source, x=1, nan=float("nan"))

    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)


def test_names_are_the_paths_of_all_holes() -> None:
    template = compile_json_template('{"{{a.b}}": "{{config.key}} {{c}}", "d": {{e[0]}} }')

    assert template.names == {"a.b", "config.key", "c", "e"}


def test_same_source_compiles_once() -> None:
    assert compile_json_template('{"a": {{b}}}') is compile_json_template('{"a": {{b}}}')
