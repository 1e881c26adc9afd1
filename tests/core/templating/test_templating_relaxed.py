"""Relaxed JSON: what JavaScript allows is read and becomes strict JSON; the rest is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from core.templating import (
    Hole,
    TemplateSyntaxError,
    compile_json_template,
    parse_relaxed_json,
    write_template,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
# Literal texts only: two braces would open a hole.
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="{"))
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


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("{a: 1, $b_2: 2, größe: 3, null: 4}", '{"a": 1, "$b_2": 2, "größe": 3, "null": 4}'),
        ("""['it\\'s', 'say "hi"', "it's"]""", """["it's", "say \\"hi\\"", "it's"]"""),
        ("[1, // one\n2, /* two\n */ 3]", "[1, \n2,  3]"),
        ("// a\n[] // b", "\n[] "),
        ("[1, 2, ]", "[1, 2 ]"),
        ("{a: [1,],\n}", '{"a": [1]\n}'),
        (
            "[0x00ff00, -0xA, +1, .5, 5., -.5, +.5e1, 5.e2]",
            "[65280, -10, 1, 0.5, 5.0, -0.5, 0.5e1, 5.0e2]",
        ),
        (r"'\x41\v\0\u{1F600}\u0041\/'", r'"A\u000b\u0000\ud83d\ude00\u0041\/"'),
        ("'a\\\nb\\\r\nc'", '"abc"'),
        ("\ufeff[1,\u00a02,\u20283]", "[1, 2, 3]"),
        (
            "{ method : 'POST' , url : 'https://a.example/x' }",
            '{ "method" : "POST" , "url" : "https://a.example/x" }',
        ),
        ("'// no comment' /* 'no text' */", '"// no comment" '),
    ],
)
def test_javascript_notation_becomes_strict_json(source: str, rendered: str) -> None:
    template = compile_json_template(source)

    assert template.render({}, now=NOW) == rendered
    assert json.loads(rendered) == parse_relaxed_json(source)


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ("", "the text ends too early; expected a value", 1, 1),
        (" // only a comment", "the text ends too early; expected a value", 1, 19),
        ("{", "the text ends too early; expected a key", 1, 2),
        ("[1", "the text ends too early; expected ',' or ']'", 1, 3),
        ("{a}", "unexpected '}'; expected ':'", 1, 3),
        ("{a: }", "unexpected '}'; expected a value", 1, 5),
        ("{a-b: 1}", "unexpected '-'; expected ':'", 1, 3),
        ("{1: 2}", "unexpected '1'; expected a key", 1, 2),
        ("[,]", "unexpected ','; expected a value", 1, 2),
        ("[1,,]", "unexpected ','; expected a value", 1, 4),
        ("[1 2]", "unexpected '2'; expected ',' or ']'", 1, 4),
        ("[1]\n]", "unexpected ']'; expected the end", 2, 1),
        ("undefined", "unexpected 'undefined'; write null", 1, 1),
        ("[NaN]", "unexpected 'NaN'; JSON has no such number", 1, 2),
        ("[-Infinity]", "this is not a number", 1, 2),
        ("`a`", "unexpected '`'; use single or double quotes", 1, 1),
        ("\u201ca\u201d", r"unexpected '\u201c'; use straight quotes", 1, 1),
        ("new Date()", "unexpected 'new'; expected a value", 1, 1),
        ("'a", "the string has no closing quote", 1, 1),
        ('"a\n"', "a string cannot contain line breaks and control characters", 1, 3),
        ('"a\x00"', "a string cannot contain line breaks and control characters", 1, 3),
        ('"\ud83d"', "the text contains half of a surrogate pair", 1, 2),
        (r'"\q"', r"unknown escape; write '\\' for a backslash", 1, 2),
        (r'"\u00g0"', r"unknown escape; write '\\' for a backslash", 1, 2),
        (r"'\u{110000}'", r"unknown escape; write '\\' for a backslash", 1, 2),
        (r"'\01'", r"unknown escape; write '\\' for a backslash", 1, 2),
        ("/* a", "the comment is not closed by '*/'", 1, 1),
        ("01", "a number may not start with a zero", 1, 1),
        ("1e999", "the number is too large", 1, 1),
        ("0x", "this is not a number", 1, 1),
        ("1.2.3", "this is not a number", 1, 1),
        ("[.]", "this is not a number", 1, 2),
        ("1a", "this is not a number", 1, 1),
        ("9" * 401, "a number has at most 400 characters", 1, 1),
        ("{a: 1, 'a': 2}", "the object has this key already", 1, 8),
    ],
)
def test_what_is_not_relaxed_json_is_refused_with_its_place(
    source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse_relaxed_json(source)

    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)


def test_holes_in_strings_stay_text_and_others_become_objects() -> None:
    value = parse_relaxed_json(
        "{url: 'https://a.example/{{ order[\\'id\\'] }}', '{{k}}': 1, items: {{ order.items }}}"
    )

    assert value == {
        "url": "https://a.example/{{ order['id'] }}",
        "{{k}}": 1,
        "items": Hole(source=" order.items "),
    }


def test_part_of_a_pasted_definition_can_be_used_as_a_template() -> None:
    pasted = parse_relaxed_json("""
        // what a chat wants to know
        { method: 'POST', body: { text: 'Sold {{concat("#", order.id)}}', items: {{order.items}}, none: {} } }
    """)
    assert isinstance(pasted, dict)

    source = write_template(pasted["body"])

    assert source == (
        "{\n"
        '  "text": "Sold {{concat(\\"#\\", order.id)}}",\n'
        '  "items": {{order.items}},\n'
        '  "none": {}\n'
        "}"
    )
    rendered = compile_json_template(source).render({"order": {"id": 7, "items": [1]}}, now=NOW)
    assert json.loads(rendered) == {"text": "Sold #7", "items": [1], "none": {}}


@given(VALUES)
def test_any_json_value_survives_writing_and_reading(value: Any) -> None:
    assert parse_relaxed_json(write_template(value)) == value
    assert parse_relaxed_json(json.dumps(value)) == value


@given(st.text(alphabet="ab'\"\\ {}()+.,0\n"))
def test_hole_source_survives_writing_and_reading(expression: str) -> None:
    source = json.dumps("{{" + expression + "}}")
    try:
        value = parse_relaxed_json(source)
    except TemplateSyntaxError:
        reject()

    assert parse_relaxed_json(write_template(value)) == value
