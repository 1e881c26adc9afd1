"""Hostile expressions and hostile data end in a clear error, soon."""

import json
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from core.expressions import (
    ExpressionEvaluationError,
    ExpressionSyntaxError,
    compile_expression,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def evaluate(source: str, **scope: Any) -> Any:
    return compile_expression(source).evaluate(scope, now=NOW)


def refusal(source: str, **scope: Any) -> str:
    with pytest.raises(ExpressionEvaluationError) as caught:
        evaluate(source, **scope)
    return caught.value.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1" * 2001, "the expression is longer than 2,000 characters"),
        ("(" * 5000 + ")" * 5000, "the expression is longer than 2,000 characters"),
        ("1+" * 20_000 + "1", "the expression is longer than 2,000 characters"),
        ("1" + "+1" * 125, "the expression has more than 250 words"),
        ("(" * 40 + "1" + ")" * 40, "the expression is nested deeper than 40 levels"),
        ("-" * 40 + "1", "the expression is nested deeper than 40 levels"),
        ("[" * 60, "the expression is nested deeper than 40 levels"),
        ("a[" * 60, "the expression is nested deeper than 40 levels"),
        ("abs(" * 50, "the expression is nested deeper than 40 levels"),
        ("true ? 1 : " * 50 + "1", "the expression is nested deeper than 40 levels"),
    ],
)
def test_oversized_expression_is_refused_when_compiled(source: str, message: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression(source)

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1" + "+1" * 124, 125),
        ("(" * 39 + "1" + ")" * 39, 1),
        ("a" + ".a" * 124, None),
        ("1" + " ?? 1" * 124, 1),
        ("true" + " && true" * 124, True),
    ],
)
def test_expression_at_the_limit_is_computed(source: str, value: Any) -> None:
    assert evaluate(source) == value


@pytest.mark.parametrize(
    "source",
    [
        "*".join(["9"] * 100),
        "*".join(["9e9"] * 100),
        "9223372036854775807 + 1",
        "-9223372036854775807 - 2",
        "1e308 + 1e308",
        "1e308 / 1e-308",
        "abs(huge)",
        "-huge",
        "huge + 0.5",
        "huge / 3",
        "huge % 2.5",
        "huge - 0.5",
        "huge * 0.5",
        "floor(1e300)",
        "ceil(1e300)",
        "round(1e300)",
        "round(huge)",
        "sum([9223372036854775807, 1])",
        "number('9e999')",
        "number('9999999999999999999')",
        "parse_json('[1e999]')",
        "floor(infinite)",
        "not_a_number + 1",
    ],
)
def test_number_beyond_the_bounds_is_refused(source: str) -> None:
    scope = {"huge": 10**400, "infinite": float("inf"), "not_a_number": float("nan")}

    assert refusal(source, **scope).endswith("the result is too large for a number")


@pytest.mark.parametrize(
    "source",
    [
        "concat(text, text)",
        "text + text",
        "replace(text, 'x', 'xx')",
        "replace(text, 'x', text)",
        "join(list, text)",
        "join([text, text])",
        "concat(list, list, text)",
        "json([text])",
        "base64_encode(text)",
        "url_encode(replace(text, 'x', '&'))",
        "html_escape(replace(text, 'x', '&'))",
        "upper(replace(text, 'x', 'ß'))",
    ],
)
def test_text_beyond_the_limit_is_refused(source: str) -> None:
    scope = {"text": "x" * 100_000, "list": [1] * 1000}

    assert refusal(source, **scope).endswith("the text grows beyond 100,000 characters")


def test_text_at_the_limit_is_built() -> None:
    assert evaluate("concat(half, half)", half="x" * 50_000) == "x" * 100_000


def test_long_text_that_is_only_passed_on_is_no_matter() -> None:
    text = "x" * 500_000

    assert evaluate("note ?? ''", note=text) == text
    assert evaluate("substring(note, 0, 3)", note=text) == "xxx"


@pytest.mark.parametrize(
    "part",
    ["length(split(text, 'x'))", "sum(list)", "length(trim(text))", "length(pluck(list, 'a'))"],
)
def test_work_is_bounded_however_often_it_is_repeated(part: str) -> None:
    scope = {"text": "x" * 90_000, "list": [0] * 90_000}
    source = " + ".join([part] * 20)

    assert refusal(source, **scope).endswith("the values are too large to compute this")


@pytest.mark.parametrize("source", ["one == other", "other in [one]", "1 in one || 2 in one"])
def test_comparison_of_very_large_values_is_refused(source: str) -> None:
    message = refusal(source, one=[0] * 600_000, other=[0] * 600_000)

    assert message == "the values are too large to compute this"


@pytest.mark.parametrize("part", ["note", "order", "[[order]]"])
def test_large_value_cannot_be_multiplied_by_a_list(part: str) -> None:
    scope = {"note": "x" * 100_000, "order": {"k" * 50_000: ["x" * 50_000]}}
    source = "[" + ", ".join([part] * 20) + "]"

    assert refusal(source, **scope) == "the values are too large to compute this"


def test_values_nested_beyond_measure_end_in_a_clean_error() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    assert refusal("json(deep)", deep=deep) == (
        "json(): the value is nested too deeply to be written as JSON"
    )
    assert evaluate("deep == [1]", deep=deep) is False
    assert refusal("parse_json(text)", text="[" * 50_000) == (
        "parse_json(): needs JSON that is not nested as deeply"
    )
    # Taken apart again: the interpreter would otherwise recurse when it frees the list.
    while deep:
        deep = deep[0]


def test_deep_equal_values_are_equal() -> None:
    def nested() -> Any:
        return json.loads("[" * 900 + "]" * 900)

    assert evaluate("one == other", one=nested(), other=nested()) is True


@pytest.mark.parametrize(
    "source", ["json(x)", "text(x)", "concat(x)", "x + ''", "json([x])", "join([x])"]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes", {1, 2}])
def test_values_that_json_does_not_know_are_refused(source: str, value: Any) -> None:
    assert refusal(source, x=value).endswith("the value cannot be written as JSON")


def test_number_with_too_many_digits_is_refused() -> None:
    assert refusal("text(x)", x=10**5000) == "text(): the value cannot be written as JSON"


@pytest.mark.parametrize(
    "source", ["sha256(x)", "base64_encode(x)", "url_encode(x)", "hmac_sha256('a', x)"]
)
def test_half_of_a_surrogate_pair_cannot_be_encoded(source: str) -> None:
    assert refusal(source, x="\ud83d").endswith("needs a text without halves of surrogate pairs")


@pytest.mark.parametrize(
    "source",
    [
        "number(secret)",
        "date(secret)",
        "bool(secret)",
        "parse_json(secret)",
        "secret + null * 1",
        "base64_decode(secret)",
        "secret < 1",
        "secret && true",
        "format_date(now(), secret)",
    ],
)
def test_error_never_shows_a_value(source: str) -> None:
    with pytest.raises(ExpressionEvaluationError) as caught:
        evaluate(source, secret="hunter2!")

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value)


def test_mappings_that_are_no_dicts_are_read_like_objects() -> None:
    config = MappingProxyType({"api_key": "k", "list": (1, 2)})

    assert evaluate("config.api_key", config=config) == "k"
    assert evaluate("config.list[1]", config=config) == 2
    assert evaluate("keys(config)", config=config) == ["api_key", "list"]
    assert evaluate("json(config)", config=config) == '{"api_key":"k","list":[1,2]}'
