"""What the rules of a mapping make of data."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.types import Json
from records.mapping import Mapped, Notation, Problem, compile_mapping

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
DATA: dict[str, Any] = {
    "name": "Ann",
    "age": "41",
    "share": 0.5,
    "whole": 7.0,
    "active": True,
    "none": None,
    "address": {"city": "Köln", "zip-code": 50667},
    "emails": [
        {"value": ""},
        {"value": "ann@home.org", "type": "home"},
        {"value": "ann@example.com", "type": "work", "primary": True},
    ],
    "phones": [{"value": "+1"}, {"value": "+2"}],
    "tags": ["a", "b"],
    "hired": "2026-03-14T23:30:00Z",
    "born": "1990-12-10",
}


def made(rule: dict[str, Json], data: dict[str, Any] | None = None) -> Mapped:
    """Return what a mapping of one rule, which must be right, makes."""
    mapping = compile_mapping([{"field": "made", **rule}], Notation())
    assert mapping.faults == ()
    return mapping.apply(
        DATA if data is None else data, now=NOW, time_zone=ZoneInfo("Europe/Berlin")
    )


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"path": "name"}, "Ann"),
        ({"path": "share"}, "0.5"),
        ({"path": "active"}, "true"),
        ({"path": "address.city"}, "Köln"),
        ({"path": "address['zip-code']"}, "50667"),
        ({"path": "address['zip-code']", "type": "integer"}, 50667),
        ({"path": "age", "type": "number"}, 41),
        ({"path": "share", "type": "number"}, 0.5),
        ({"path": "whole", "type": "integer"}, 7),
        ({"path": "active", "type": "boolean"}, True),
        ({"expression": "'No'", "type": "boolean"}, False),
        ({"path": "born", "type": "date"}, "1990-12-10"),
        ({"path": "hired", "type": "date"}, "2026-03-15"),
        ({"path": "hired", "type": "moment"}, "2026-03-14T23:30:00Z"),
        ({"path": "address", "type": "object"}, DATA["address"]),
        ({"path": "tags", "type": "list"}, ["a", "b"]),
        ({"path": "name", "type": "list"}, ["Ann"]),
        ({"expression": "concat(name, ' in ', address.city)"}, "Ann in Köln"),
        ({"expression": "now()", "type": "moment"}, "2026-03-14T09:30:00Z"),
    ],
)
def test_value_becomes_one_of_the_type_of_its_field(rule: dict[str, Json], value: Json) -> None:
    assert made(rule) == Mapped({"made": value})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"path": "emails.value"}, "ann@example.com"),
        ({"path": "emails"}, "ann@example.com"),
        ({"path": "emails.type"}, "work"),
        ({"path": "phones.value"}, "+1"),
        ({"path": "phones.value", "required": True}, "+1"),
        ({"path": "tags"}, "a"),
        ({"path": "emails", "type": "object"}, DATA["emails"][2]),
        ({"path": "emails.value", "type": "list"}, ["ann@home.org", "ann@example.com"]),
        ({"path": "phones", "type": "list"}, DATA["phones"]),
    ],
)
def test_of_several_values_the_primary_one_is_taken_or_the_first(
    rule: dict[str, Json], value: Json
) -> None:
    assert made(rule) == Mapped({"made": value})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"path": "address"}, "needs a text, got an object"),
        ({"path": "name", "type": "number"}, "needs a text that is a number, such as 12.50"),
        ({"path": "share", "type": "integer"}, "needs a whole number, got one with decimals"),
        ({"path": "active", "type": "number"}, "needs a text or a number, got true or false"),
        (
            {"path": "name", "type": "boolean"},
            "needs true or false, yes or no, on or off, 1 or 0",
        ),
        ({"path": "address", "type": "boolean"}, "needs true or false, got an object"),
        (
            {"path": "name", "type": "date"},
            "needs a date in ISO 8601, such as 2026-03-14 or 2026-03-14T09:30:00Z",
        ),
        ({"path": "name", "type": "object"}, "needs an object, got a text"),
        ({"path": "nothing", "required": True}, "is required, and there is nothing to make it of"),
        ({"expression": "1 / 0", "type": "number"}, "division by zero"),
        ({"expression": "'\\u0000'"}, "has characters that cannot be kept"),
        (
            {"expression": "parse_json('[[\"\\\\u0000\"]]')", "type": "list"},
            "has characters that cannot be kept",
        ),
    ],
)
def test_field_that_cannot_be_made_is_left_out_and_told_of(
    rule: dict[str, Json], message: str
) -> None:
    assert made(rule) == Mapped({}, (Problem(field="made", message=message),))


def test_default_takes_the_place_of_nothing_and_of_nothing_else() -> None:
    rule: dict[str, Json] = {"path": "none", "default": "0", "type": "integer", "required": True}

    assert made(rule) == Mapped({"made": 0})
    assert made({**rule, "path": "age"}) == Mapped({"made": 41})
    assert made({**rule, "path": "name"}).values == {}


def test_problem_of_one_field_leaves_the_others() -> None:
    mapping = compile_mapping(
        [
            {"field": "a", "path": "address"},
            {"field": "b", "path": "name"},
            {"field": "c", "expression": "upper(age)"},
            {"field": "d", "expression": "1 + name + null", "type": "integer"},
        ],
        Notation(),
    )

    mapped = mapping.apply(DATA, now=NOW)

    assert mapped.values == {"b": "Ann", "c": "41"}
    assert [each.field for each in mapped.problems] == ["a", "d"]


@pytest.mark.parametrize("path", ["long", "inner.long"])
def test_text_that_is_too_long_is_left_out(path: str) -> None:
    data = {"long": "x" * 10_001, "inner": {"long": "x" * 10_001}}

    mapped = made({"path": path}, data)

    assert mapped == Mapped(
        {}, (Problem(field="made", message="is longer than 10,000 characters"),)
    )


def test_all_rules_together_may_look_at_so_much_and_no_more() -> None:
    rules: list[Json] = [
        {"field": f"f{number}", "path": "many", "type": "list"} for number in range(100)
    ]
    mapping = compile_mapping(rules, Notation())

    mapped = mapping.apply({"many": ["x"] * 10_000}, now=NOW)

    assert (len(mapped.values), len(mapped.problems)) == (2, 98)
    assert {each.message for each in mapped.problems} == {
        "the values are too large to compute this"
    }


@pytest.mark.parametrize(
    "rule", [{"path": "many.value"}, {"path": "many"}, {"path": "many.value", "type": "list"}]
)
def test_of_too_many_values_none_is_looked_for(rule: dict[str, Json]) -> None:
    crowd = {"many": [{"value": "x"}] * 1_001}

    assert made(rule, crowd) == Mapped(
        {}, (Problem(field="made", message="has more than 1,000 values"),)
    )
    assert made(rule, {"many": crowd["many"][:1_000]}).problems == ()
