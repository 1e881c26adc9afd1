"""The grammar: precedence, paths, literals and what is refused, with the place."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.expressions import (
    ExpressionError,
    ExpressionEvaluationError,
    ExpressionSyntaxError,
    compile_expression,
    matches,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SCOPE: dict[str, Any] = {
    "order": {"total": 120, "status": "paid", "ship-to": {"city": "Köln"}, "items": [1, 2, 3]},
    "empty": None,
    "größe": 5,
}


def evaluate(source: str, scope: Any = SCOPE) -> Any:
    return compile_expression(source).evaluate(scope, now=NOW)


@pytest.mark.parametrize(
    ("source", "explicit"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("10 - 4 - 3", "(10 - 4) - 3"),
        ("100 / 5 / 2", "(100 / 5) / 2"),
        ("-2 * -3", "(-2) * (-3)"),
        ("1 + 1 == 2", "(1 + 1) == 2"),
        ("1 < 2 == true", "(1 < 2) == true"),
        ("true || false && false", "true || (false && false)"),
        ("!true || true", "(!true) || true"),
        ("empty ?? 1 + 1", "empty ?? (1 + 1)"),
        ("empty ?? 5 > 3", "(empty ?? 5) > 3"),
        ("empty ?? empty ?? 7", "empty ?? (empty ?? 7)"),
        ("true ? 1 : false ? 2 : 3", "true ? 1 : (false ? 2 : 3)"),
        ("false ? 1 : false ? 2 : 3", "false ? 1 : (false ? 2 : 3)"),
        ("1 in [1] && 2 in [2]", "(1 in [1]) && (2 in [2])"),
        ("-order.items[0] + 5", "(-(order.items[0])) + 5"),
        ("!empty == true", "(!empty) == true"),
    ],
)
def test_operators_bind_as_documented(source: str, explicit: str) -> None:
    assert evaluate(source) == evaluate(explicit)


@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=8),
    st.lists(st.sampled_from("+-*"), min_size=7, max_size=7),
)
def test_whole_number_arithmetic_agrees_with_python(
    numbers: list[int], operators: list[str]
) -> None:
    written = [f"({number})" for number in numbers]
    source = written[0] + "".join(
        operator + operand for operator, operand in zip(operators, written[1:], strict=False)
    )

    assert evaluate(source) == eval(source)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("order.total", 120),
        ("order['total']", 120),
        ('order["ship-to"].city', "Köln"),
        ("order.items[1]", 2),
        ("order.items[-3]", 1),
        ("order.items[-4]", None),
        ("order.items[order.items[0]]", 2),
        ("order.items['a']", None),
        ("order.items[true]", None),
        ("order[0]", None),
        ("order.total.x.y[0]", None),
        ("'text'[0]", None),
        ("[10, 20][1]", 20),
        ("split('a b', ' ')[1]", "b"),
        ("größe", 5),
        ("order.in", None),
        ("order.true", None),
        ("$missing", None),
        ("order.__class__", None),
        ("order.items.__class__.__mro__", None),
        ("__import__", None),
    ],
)
def test_paths_read_keys_and_items_and_nothing_else(source: str, value: Any) -> None:
    assert evaluate(source) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("0", 0),
        ("1.50", 1.5),
        ("2e3", 2000.0),
        ("9223372036854775807", 2**63 - 1),
        (r"'\n\t\r\b\f\\\/\'\"'", "\n\t\r\b\f\\/'\""),
        (r"'\u00e9\ud83d\ude00'", "é😀"),
        ("'line\nbreak'", "line\nbreak"),
        ("'\u2028 😀'", "\u2028 😀"),
        ("'}}'", "}}"),
        ("[]", []),
        ("  true  ", True),
    ],
)
def test_literals_stand_for_their_values(source: str, value: Any) -> None:
    shown = evaluate(source)

    assert (type(shown), shown) == (type(value), value)


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ("", "an expression is missing", 1, 1),
        ("1 +", "the expression ends too early", 1, 4),
        ("(1", "the expression ends too early; expected ')'", 1, 3),
        ("1\n + * 2", "unexpected '*'", 2, 4),
        ("'abc", "the text has no closing quote", 1, 1),
        (r"'a\q'", r"unknown escape; write '\\' for a backslash", 1, 3),
        (r"'\ud83d'", "the text contains half of a surrogate pair", 1, 2),
        ("'\ud83d'", "the text contains half of a surrogate pair", 1, 2),
        ("\ud83d", r"unexpected '\ud83d'", 1, 1),
        ("007", "a number may not start with a zero", 1, 1),
        ("1e999", "the number is too large", 1, 1),
        ("a = 1", "unexpected '='; use '==' to compare", 1, 3),
        ("a === 1", "unexpected '='; use '==' to compare", 1, 5),
        ("a & b", "unexpected '&'; use '&&'", 1, 3),
        ("a and b", "unexpected 'and'; the operator is written '&&'", 1, 3),
        ("not a", "unexpected 'not'; the operator is written '!'", 1, 1),
        ("a 'b'", "unexpected text", 1, 3),
        ("a.b(1)", "unexpected '('; only functions can be called", 1, 4),
        ("xyzzy(1)", "there is no function xyzzy()", 1, 1),
        (
            "a.0",
            "expected a name after '.'; other keys are written ['key'], items of a list [0]",
            1,
            3,
        ),
        ("[1, 2", "the expression ends too early; expected ',' or ']'", 1, 6),
        ("[1, ]", "unexpected ']'", 1, 5),
        ("a ? b", "the expression ends too early; expected ':'", 1, 6),
        ("1 == 1 == 1", "comparisons cannot be chained; join them with '&&'", 1, 8),
        ("upper()", "upper(text) takes 1 argument, got 0", 1, 1),
        ("1 + now(1)", "now() takes 0 arguments, got 1", 1, 5),
        ("concat()", "concat(value, …) takes 1 or more arguments, got 0", 1, 1),
        ("if(true)", "if(condition, value, otherwise?) takes 2 to 3 arguments, got 1", 1, 1),
        (
            "Calculate_Age(1)",
            "there is no function Calculate_Age(); did you mean calculate_age()?",
            1,
            1,
        ),
    ],
)
def test_syntax_errors_say_what_and_where(
    source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_expression(source)

    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)
    assert str(error) == f"{message} (line {line}, column {column})"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("1 + 2", set()),
        ("order.total > 100 && config.limit > 1", {"order.total", "config.limit"}),
        ("order['ship-to'].city", {"order['ship-to'].city"}),
        (r"order['it\'s']", {r"order['it\'s']"}),
        ("order.items[0].sku", {"order.items"}),
        ("table[order.key].value", {"table", "order.key"}),
        ("if(a.b, c, [d, -e])", {"a.b", "c", "d", "e"}),
        ("concat(timestamp, parse_json(x).y)", {"timestamp", "x"}),
    ],
)
def test_names_are_the_paths_that_are_read(source: str, names: set[str]) -> None:
    assert compile_expression(source).names == names


def test_same_source_compiles_once() -> None:
    assert compile_expression("order.total + 1") is compile_expression("order.total + 1")


@pytest.mark.parametrize(
    ("source", "let_through"),
    [("order.total > 100 && order.status == 'paid'", True), ("order.total > 500", False)],
)
def test_filter_lets_through_what_it_says(source: str, let_through: bool) -> None:
    assert matches(compile_expression(source), SCOPE, now=NOW) is let_through


@pytest.mark.parametrize(
    ("source", "kind"), [("order.total", "a number"), ("missing", "null"), ("'true'", "a text")]
)
def test_filter_that_gives_no_truth_value_is_an_error(source: str, kind: str) -> None:
    with pytest.raises(ExpressionEvaluationError) as caught:
        matches(compile_expression(source), SCOPE, now=NOW)

    assert caught.value.message == f"a filter must give true or false, not {kind}"


@given(st.text() | st.text(alphabet="abin01.'\"()[]+-*/%<>=!&|?:, \\\n{}"))
def test_any_text_is_an_expression_or_a_clean_error(source: str) -> None:
    misplaced = False

    try:
        evaluate(source, {"a": 1, "b": [True, None]})
    except ExpressionError as error:
        misplaced = error.line < 1 or error.column < 1

    assert not misplaced
