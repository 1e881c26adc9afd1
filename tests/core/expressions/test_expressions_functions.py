"""What the page of functions leaves out: null, wrong kinds and odd values for each function."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.expressions import ExpressionEvaluationError, compile_expression, signatures

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def evaluate(source: str, **scope: Any) -> Any:
    return compile_expression(source).evaluate(scope, now=NOW, time_zone=BERLIN)


def refusal(source: str, **scope: Any) -> str:
    with pytest.raises(ExpressionEvaluationError) as caught:
        evaluate(source, **scope)
    return caught.value.message


def test_signatures_list_every_function_once() -> None:
    names = [signature.split("(")[0] for signature in signatures()]

    assert len(names) == 50
    assert names == sorted(set(names))
    assert "round(number, digits?)" in signatures()
    assert "min(value, other?, …)" in signatures()


@pytest.mark.parametrize(
    "source",
    [
        "upper(null)",
        "lower(null)",
        "trim(null)",
        "substring(null, 1)",
        "replace(null, 'a', 'b')",
        "split(null, ',')",
        "join(null, ',')",
        "starts_with(null, 'a')",
        "ends_with(null, 'a')",
        "round(null, 2)",
        "floor(null)",
        "ceil(null)",
        "abs(null)",
        "min(null)",
        "max(null, null)",
        "number(null)",
        "parse_json(null)",
        "date(null)",
        "format_date(null, 'YYYY')",
        "date_add(null, 1, 'days')",
        "date_diff(null, now(), 'days')",
        "calculate_age(null)",
        "unix_time(null)",
        "first(null)",
        "last(null)",
        "pluck(null, 'a')",
        "where(null, 'a', 1)",
        "keys(null)",
        "values(null)",
        "lookup(null, 'a')",
        "base64_encode(null)",
        "base64_decode(null)",
        "url_encode(null)",
        "html_escape(null)",
        "sha256(null)",
        "hmac_sha256(null, 'key')",
        "coalesce(null, null)",
        "default(null, null)",
        "if(null, 1)",
    ],
)
def test_function_on_null_gives_null(source: str) -> None:
    assert evaluate(source) is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("concat(null)", ""),
        ("text(null)", ""),
        ("json(null)", "null"),
        ("bool(null)", False),
        ("length(null)", 0),
        ("sum(null)", 0),
        ("contains(null, 1)", False),
        ("not(null)", True),
        ("and(null, true)", False),
        ("or(null, true)", True),
        ("lookup(table, null, 'x')", "x"),
        ("lookup(table, 'missing')", None),
        ("lookup(table, 404)", "not found"),
        ("pluck([1, null, [2]], 'a')", [None, None, None]),
        ("length(table)", 1),
        ("bool('')", False),
        ("bool(1.0)", True),
        ("bool(' OFF ')", False),
        ("min('b', 'a', null)", "a"),
        ("round(5)", 5),
        ("round(1.005, 2)", 1.01),
        ("round(-0.4, 0)", 0),
        ("round(-0.04, 1)", 0.0),
        ("round(1e17, 3)", 1e17),
        ("round(123456.7, 15)", 123456.7),
        ("round(2.5, 0.0)", 3),
        ("number('+5')", 5),
        ("number('.5')", 0.5),
        ("number(5)", 5),
        ("contains([1], true)", False),
        ("contains([[1]], [1.0])", True),
        ("7.5 % 2", 1.5),
        ("-7.5 % 2", -1.5),
        ("7 % -3", 1),
        ("parse_json('null')", None),
        ("parse_json('123456789012345678901')", 123456789012345678901),
        ("split('', ',')", [""]),
        ("substring('abc', 5)", ""),
        ("base64_decode('')", ""),
    ],
)
def test_function_gives_the_value(source: str, value: Any) -> None:
    shown = evaluate(source, table={"404": "not found"})

    assert (type(shown), shown) == (type(value), value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("lower(1)", "lower(): needs a text, got a number; text() makes one"),
        ("trim([])", "trim(): needs a text, got a list; text() makes one"),
        ("substring('a', 'b')", "substring(): needs a whole number, got a text"),
        ("substring('a', 1.5)", "substring(): needs a whole number, got a number"),
        ("substring('a', true)", "substring(): needs a whole number, got true or false"),
        ("replace('a', '', 'b')", "replace(): needs a part that is not empty"),
        ("join('a')", "join(): needs a list, got a text"),
        ("length(1)", "length(): needs a text, a list or an object, got a number"),
        ("contains(1, 1)", "contains(): a number cannot contain anything"),
        ("contains('a', 1)", "contains(): a text contains only texts, not a number"),
        ("1 in 'a'", "a text contains only texts, not a number"),
        ("round('1')", "round(): needs a number, got a text; number() makes one"),
        ("round(true)", "round(): needs a number, got true or false"),
        ("round(1, 16)", "round(): needs 0 to 15 digits"),
        ("round(1, -1)", "round(): needs 0 to 15 digits"),
        ("min(1)", "min(): needs a list or several values, got a number"),
        ("max(1, 'a')", "max(): needs numbers only or texts only"),
        ("sum('a')", "sum(): needs a list, got a text"),
        ("sum([[1]], 'a') + sum([true])", "sum(): needs numbers in the list, got true or false"),
        ("number(true)", "number(): needs a text or a number, got true or false"),
        ("number('')", "number(): needs a text that is a number, such as 12.50"),
        ("number('0x10')", "number(): needs a text that is a number, such as 12.50"),
        ("number('NaN')", "number(): needs a text that is a number, such as 12.50"),
        ("number('١٢')", "number(): needs a text that is a number, such as 12.50"),
        ("bool(2)", "bool(): needs true or false, yes or no, on or off, 1 or 0"),
        ("parse_json('{')", "parse_json(): needs a text that is JSON"),
        ("parse_json('[NaN]')", "parse_json(): needs JSON without NaN and Infinity"),
        ("first('abc')", "first(): needs a list, got a text"),
        ("keys([])", "keys(): needs an object, got a list"),
        ("lookup(table, [])", "lookup(): needs a text or a number as key, got a list"),
        ("base64_decode('/w==')", "base64_decode(): needs base64 of a text"),
        ("-'a'", "'-' needs a number, got a text"),
        ("!'a'", "'!' needs true or false, got a text; compare it, or use bool()"),
        ("1 ? 2 : 3", "a condition needs true or false, got a number; compare it, or use bool()"),
        ("if('yes', 1)", "a condition needs true or false, got a text; compare it, or use bool()"),
        ("true && 1", "'&&' needs true or false, got a number; compare it, or use bool()"),
        ("[] < []", "'<' needs two numbers or two texts, got a list and a list"),
        ("true < false", "'<' needs two numbers or two texts, got true or false and true or false"),
        ("'2' * 2", "'*' needs two numbers, got a text and a number"),
        ("1 % 0", "division by zero"),
        ("[] + []", "'+' needs two numbers or a text, got a list and a list"),
        (
            "calculate_age('2030-01-01')",
            "calculate_age(): needs a date of birth that is not in the future",
        ),
        (
            "date_add(now(), 1, 'day')",
            "date_add(): needs one of these units: seconds, minutes, hours, days, weeks, months, years",
        ),
        ("date_add('9999-12-31', 1, 'days')", "date_add(): leaves the years 1 to 9999"),
        (
            "date_add('2026-01-01', 9223372036854775807, 'years')",
            "date_add(): leaves the years 1 to 9999",
        ),
        (
            "date_add('2026-01-01', 9223372036854775807, 'hours')",
            "date_add(): leaves the years 1 to 9999",
        ),
        ("unix_time('0001-01-01')", "unix_time(): leaves the years 1 to 9999"),
        ("date(true)", "date(): needs a date, got true or false"),
        ("date([])", "date(): needs a date, got a list"),
        ("date(1e300)", "date(): needs a date that exists"),
        ("date('2026-03-14T25:00')", "date(): needs a date that exists"),
    ],
)
def test_function_refuses_what_it_cannot_work_with(source: str, message: str) -> None:
    assert refusal(source, table={}) == message


def test_error_points_at_the_argument_that_is_wrong() -> None:
    with pytest.raises(ExpressionEvaluationError) as caught:
        evaluate("concat('x',\n  upper(lower(order.total)))", order={"total": 5})

    assert (caught.value.line, caught.value.column, caught.value.offset) == (2, 15, 26)


@pytest.mark.parametrize(
    "source",
    [
        "if(true, 1, 1 / 0)",
        "false ? 1 / 0 : 1",
        "coalesce(1, 1 / 0)",
        "default(1, 1 / 0)",
        "1 ?? 1 / 0",
        "and(false, 1 / 0 > 1) ? 0 : 1",
        "or(true, 1 / 0 > 1) ? 1 : 0",
    ],
)
def test_what_is_not_needed_is_not_computed(source: str) -> None:
    assert evaluate(source) == 1


@pytest.mark.parametrize(
    ("source", "value"),
    [
        # Read in the time zone of the tenant, where summer time begins at 02:00 on 29 March.
        ("date_add('2026-03-28T12:00:00', 0, 'days')", "2026-03-28T11:00:00Z"),
        ("date_add('2026-03-28T12:00:00', 1, 'days')", "2026-03-29T10:00:00Z"),
        ("date_add('2026-03-29', 3, 'hours')", "2026-03-29T02:00:00Z"),
        ("date('2026-06-30T22:30:00Z')", "2026-07-01"),
        ("date(1773480600)", "2026-03-14"),
        ("date('2026-03-14t09:30z')", "2026-03-14"),
        ("date('2026-03-14 09:30:00,5+0100')", "2026-03-14"),
        ("date_add('2024-02-29', 1, 'years')", "2025-02-28"),
        ("date_add('2024-02-29', -4, 'years')", "2020-02-29"),
        ("date_add('2026-12-15', 1, 'months')", "2027-01-15"),
        ("date_diff('2026-03-29', '2026-03-30', 'hours')", 23),
        ("date_diff(now(), '2026-03-14T09:29:59.5Z', 'seconds')", 0),
        ("date_diff('2026-01-31', '2026-02-28', 'months')", 0),
        ("date_diff('2026-03-14', '2026-03-01', 'weeks')", -1),
        ("unix_time('1969-12-31T23:59:59.5Z')", -1),
        ("unix_time('2026-03-14')", 1773442800),
        ("calculate_age('1990-03-14')", 36),
        ("calculate_age('1990-03-15')", 35),
        ("calculate_age('2004-02-29', '2026-03-01')", 22),
        (
            "format_date('2026-03-14T00:05:09.042Z', 'YY M D H:m:s SSS a ddd MMM Z')",
            "26 3 14 1:5:9 042 am Sat Mar +01:00",
        ),
        ("format_date('2026-07-14T12:00', 'hh h A Z [Z]')", "12 12 PM +02:00 Z"),
    ],
)
def test_dates_follow_the_calendar_and_the_time_zone(source: str, value: Any) -> None:
    assert evaluate(source) == value


def test_now_is_the_moment_that_was_given() -> None:
    there = datetime(2026, 3, 14, 4, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=-5)))

    shown = compile_expression("now()").evaluate({}, now=there)

    assert shown == "2026-03-14T09:30:00.250000Z"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_encodings_can_be_decoded(text: str) -> None:
    assert evaluate("base64_decode(base64_encode(text))", text=text) == text
    assert evaluate("parse_json(json(text))", text=text) == text


@given(st.dates(), st.integers(-1000, 1000))
def test_adding_days_is_what_counting_days_undoes(day: date, amount: int) -> None:
    start = day.isoformat()
    try:
        end = (day + timedelta(days=amount)).isoformat()
    except OverflowError:
        assert refusal("date_add(start, amount, 'days')", start=start, amount=amount) == (
            "date_add(): leaves the years 1 to 9999"
        )
        return

    assert evaluate("date_add(start, amount, 'days')", start=start, amount=amount) == end
    assert evaluate("date_diff(start, end, 'days')", start=start, end=end) == amount
