"""What is wrong with the rules of a mapping, and where."""

import pytest

from core.types import Json
from records.mapping import Fault, Kind, Notation, Rule, compile_mapping
from records.mapping.rules import MAX_RULES


def faults(given: Json) -> list[str]:
    return [str(each) for each in compile_mapping(given, Notation(), reserved=("id",)).faults]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (7, 'Rule 1, write an object such as {"field": "city", "path": "addresses.locality"}'),
        (
            {"field": "a", "path": "a", "kind": "text"},
            (
                'Rule 1, the key "kind" is unknown; the keys are'
                " field, path, expression, type, required, default"
            ),
        ),
        (
            {"path": "a"},
            (
                "Rule 1, field: give the name of the field: a letter, then letters, digits and _,"
                " at most 63"
            ),
        ),
        ({"field": "id", "path": "a"}, "Rule 1, field: id is taken: the product gives it itself"),
        ({"field": "a"}, "Rule 1, path: give either a path or an expression"),
        (
            {"field": "a", "path": "a", "expression": "a"},
            "Rule 1, path: give either a path or an expression",
        ),
        ({"field": "a", "path": 7}, "Rule 1, path: write a text"),
        (
            {"field": "a", "path": "a[0]"},
            "Rule 1, path: write keys joined by dots, such as billing.city",
        ),
        (
            {"field": "a", "path": "a."},
            (
                "Rule 1, path: expected a name after '.'; other keys are written ['key'],"
                " items of a list [0] (line 1, column 3)"
            ),
        ),
        (
            {"field": "a", "expression": "a +\n uper(a)"},
            (
                "Rule 1, expression: there is no function uper(); did you mean upper()?"
                " (line 2, column 2)"
            ),
        ),
        (
            {"field": "a", "path": "a", "type": "string"},
            (
                "Rule 1, type: the types are"
                " text, number, integer, boolean, date, moment, list, object"
            ),
        ),
        ({"field": "a", "path": "a", "type": ["text"]}, None),
        ({"field": "a", "path": "a", "required": "yes"}, "Rule 1, required: write true or false"),
        (
            {"field": "a", "path": "a", "type": "integer", "default": "many"},
            "Rule 1, default: needs a text that is a number, such as 12.50",
        ),
        (
            {"field": "a", "path": "a", "default": "x" * 1_000},
            "Rule 1, default: a default has at most 1,000 characters",
        ),
        (
            {"field": "a", "path": "a", "default": "\x00"},
            "Rule 1, default: has characters that cannot be kept",
        ),
    ],
)
def test_fault_is_told_with_its_place(rule: Json, sentence: str | None) -> None:
    expected = sentence or (
        "Rule 1, type: the types are text, number, integer, boolean, date, moment, list, object"
    )

    assert faults([rule]) == [expected]


def test_every_fault_is_told_at_once() -> None:
    given: Json = [
        {"field": "a", "path": "a"},
        {"field": "a", "path": "b"},
        {"field": "b", "expression": "("},
        "c",
    ]

    mapping = compile_mapping(given, Notation())

    assert [each.path for each in mapping.faults] == ["[1].field", "[2].expression", "[3]"]
    assert mapping.faults[0].message == "a is taken: rule 1 makes it already"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "a mapping is a list of rules, […]"),
        ({"field": "a"}, "a mapping is a list of rules, […]"),
        ([{}] * (MAX_RULES + 1), "a mapping has at most 100 rules, this one has 101"),
    ],
)
def test_mapping_that_is_no_list_of_rules_is_refused_as_a_whole(given: Json, sentence: str) -> None:
    assert compile_mapping(given, Notation()).faults == (
        Fault(index=None, key="", message=sentence),
    )


def test_rules_are_read_with_what_they_leave_out() -> None:
    mapping = compile_mapping(
        [{"field": "a", "path": " b ", "expression": ""}, {"field": "c", "expression": "d"}],
        Notation(),
    )

    assert mapping.faults == ()
    assert mapping.rules == (
        Rule(field="a", path="b", kind=Kind.TEXT),
        Rule(field="c", expression="d", kind=Kind.TEXT),
    )
