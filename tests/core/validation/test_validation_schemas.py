from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.validation import Violation, compile_schema

ORDER: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["number", "items"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$", "maxLength": 10},
        "email": {"type": "string", "format": "email"},
        "status": {"enum": ["draft", "paid"]},
        "note": {"type": ["string", "null"]},
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": {"type": "string"},
                    "quantity": {"type": "integer", "minimum": 1},
                },
            },
        },
    },
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "a", "ab", "b.c"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
SIMPLE_SCHEMAS = (
    st.booleans()
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "object", "array", "null"])}
    )
    | st.fixed_dictionaries({"const": VALUES})
    | st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)})
    | st.fixed_dictionaries({"minimum": st.integers(-2, 2), "multipleOf": st.just(0.5)})
    | st.fixed_dictionaries(
        {"minLength": st.integers(0, 2), "pattern": st.sampled_from(["a", "^b"])}
    )
    | st.fixed_dictionaries({"required": st.lists(st.sampled_from("abc"), unique=True)})
    | st.fixed_dictionaries({"uniqueItems": st.booleans(), "maxItems": st.integers(0, 3)})
    | st.fixed_dictionaries({"dependentRequired": st.just({"a": ["b"]})})
)
SCHEMAS = st.recursive(
    SIMPLE_SCHEMAS,
    lambda inner: (
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2)},
            optional={
                "additionalProperties": inner,
                "patternProperties": st.dictionaries(
                    st.sampled_from(["a", "^b"]), inner, max_size=2
                ),
                "propertyNames": inner,
            },
        )
        | st.fixed_dictionaries(
            {"items": inner, "prefixItems": st.lists(inner, min_size=1, max_size=2)}
        )
        | st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)})
        | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
        | st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=2), "not": inner})
        | st.fixed_dictionaries({"if": inner, "then": inner, "else": inner, "contains": inner})
    ),
    max_leaves=5,
)


def found(schema: dict[str, Any], value: Any) -> list[tuple[str, str, str]]:
    """Check ``value`` as the field ``a`` of a record."""
    compiled = compile_schema({"type": "object", "properties": {"a": schema}})
    return [(each.path, each.code, each.message) for each in compiled.check({"a": value})]


def test_data_that_fit_the_schema_have_no_violations() -> None:
    data: dict[str, Any] = {
        "number": "AB-1",
        "note": None,
        "items": [{"sku": "x", "quantity": 1.0}],
    }

    assert compile_schema(ORDER).check(data) == ()


def test_each_violation_names_its_place_and_what_must_be_there() -> None:
    data: dict[str, Any] = {
        "email": "jo",
        "status": "sent",
        "note": 5,
        "color": "red",
        "items": [{"sku": 5}, {"quantity": 0}],
    }

    violations = compile_schema(ORDER).check(data)

    assert violations == (
        Violation(path="color", code="unknown_field", message="is not a known field"),
        Violation(path="email", code="email", message="must be an e-mail address"),
        Violation(path="items[0].sku", code="type", message="must be text"),
        Violation(path="items[1].quantity", code="min", message="must be at least 1"),
        Violation(path="items[1].sku", code="required", message="is required"),
        Violation(path="note", code="type", message="must be text or null"),
        Violation(path="number", code="required", message="is required"),
        Violation(path="status", code="in", message="must be one of: draft, paid"),
    )


@pytest.mark.parametrize(
    ("schema", "value", "code", "message"),
    [
        ({"type": "integer"}, 1.5, "type", "must be a whole number"),
        ({"type": "integer"}, True, "type", "must be a whole number"),
        ({"type": ["number", "boolean"]}, "1", "type", "must be a number or true or false"),
        ({"const": {"b": 1}}, 2, "const", 'must be {"b":1}'),
        ({"const": 1}, True, "const", "must be 1"),
        ({"exclusiveMinimum": 0}, 0, "min", "must be more than 0"),
        ({"maximum": 1.5}, 2, "max", "must be at most 1.5"),
        ({"exclusiveMaximum": 2}, 2, "max", "must be less than 2"),
        ({"multipleOf": 0.01}, 0.015, "multiple_of", "must be a multiple of 0.01"),
        ({"minLength": 1}, "", "min_length", "must have at least 1 character"),
        ({"maxLength": 2}, "abc", "max_length", "must have at most 2 characters"),
        ({"minItems": 2}, [1], "min_length", "must have at least 2 elements"),
        ({"maxItems": 0}, [1], "max_length", "must have at most 0 elements"),
        ({"minProperties": 1}, {}, "min_length", "must have at least 1 field"),
        ({"maxProperties": 0}, {"b": 1}, "max_length", "must have at most 0 fields"),
        ({"pattern": "^a$"}, "a\n", "regex", 'must match the pattern "^a$"'),
        ({"uniqueItems": True}, [1, {}, 1.0], "unique", "must not have the same element twice"),
        (
            {"prefixItems": [True], "items": False},
            [1, 2],
            "max_length",
            "has more elements than allowed",
        ),
        (
            {"contains": {"const": 1}},
            [2],
            "contains",
            "lacks an element of the form that must be in it",
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "type", "must be text or null"),
        (
            {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]},
            "abc",
            "max_length",
            "must have at most 2 characters",
        ),
        ({"anyOf": [{"minimum": 5}, {"const": 1}]}, 2, "any_of", "must fit one of 2 allowed forms"),
        ({"oneOf": [True, {"const": 1}]}, 1, "one_of", "must fit exactly one of 2 allowed forms"),
        ({"not": {"const": 1}}, 1, "not", "has a form that is not allowed"),
        ({"format": "date-time"}, "2026-03-07", "date_time", None),
        (
            {"unevaluatedProperties": False},
            {"b": 1},
            "unknown_field",
            "has fields that are not known",
        ),
        (False, 1, "not_allowed", "is not allowed here"),
    ],
)
def test_each_keyword_is_told_in_a_sentence(
    schema: Any, value: Any, code: str, message: str | None
) -> None:
    sentence = message or "must be a date and time with its zone, such as 2026-03-07T10:30:00Z"

    assert found(schema, value) == [("a", code, sentence)]


@pytest.mark.parametrize(
    ("schema", "value", "path", "code"),
    [
        ({"dependentRequired": {"b": ["c"]}}, {"b": 1}, "a.c", "required"),
        ({"propertyNames": {"maxLength": 1}}, {"b": 1, "long": 2}, "a.long", "field_name"),
        ({"additionalProperties": {"type": "null"}}, {"b.c": 1}, "a['b.c']", "type"),
        ({"patternProperties": {"^x": False}}, {"xy": 1, "b": 1}, "a.xy", "not_allowed"),
        (
            {"patternProperties": {"^x": True}, "additionalProperties": False},
            {"xy": 1, "b": 1},
            "a.b",
            "unknown_field",
        ),
    ],
)
def test_a_fault_in_one_field_is_placed_at_that_field(
    schema: dict[str, Any], value: Any, path: str, code: str
) -> None:
    assert [(each[0], each[1]) for each in found(schema, value)] == [(path, code)]


def test_the_names_of_patchbay_are_refused_in_data() -> None:
    violations = compile_schema({"type": "object"}, reserved=("id", "changes")).check(
        {"id": "1", "changes": {}, "ok": 1}
    )

    sentence = "is given by Patchbay; leave it out"
    assert violations == (
        Violation(path="changes", code="reserved", message=sentence),
        Violation(path="id", code="reserved", message=sentence),
    )


def test_nothing_of_the_data_is_repeated_in_a_message() -> None:
    schema = {"minItems": 9, "uniqueItems": True, "not": {"type": "array"}, "type": "string"}

    violations = found(schema, ["secret-value"] * 2)

    assert len(violations) == 4
    assert [message for _, _, message in violations if "secret" in message] == []


def test_long_lists_of_options_are_cut() -> None:
    violations = found({"enum": ["x" * 100, *range(20)]}, "other")

    options = ", ".join(["x" * 40 + "…", *map(str, range(9))])
    assert violations == [("a", "in", f"must be one of: {options} and 11 more")]


def test_violations_are_ordered_by_place_and_bounded() -> None:
    violations = found({"items": {"type": "null"}}, [1] * 100_000)

    assert [path for path, _, _ in violations] == [f"a[{index}]" for index in range(50)]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 3_000_000 + "!"),
        ({"not": {"pattern": "^(a+)+$"}}, "a" * 3_000_000 + "!"),
        ({"anyOf": [{"type": "integer"}] * 2_000}, ["x" * 1_000] * 1_000),
    ],
)
def test_data_that_would_take_too_long_are_refused_as_a_whole(schema: Any, value: Any) -> None:
    violations = found(schema, value)

    sentence = "takes too long to check; send less, or simpler data"
    assert violations == [("", "too_complex", sentence)]


def test_a_recursive_schema_with_branches_cannot_be_made_to_explode() -> None:
    node: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$defs/node"}}
    schema = compile_schema(
        {
            "type": "object",
            "$defs": {"node": {"anyOf": [node, {**node, "minItems": 9}]}},
            "properties": {"tree": {"$ref": "#/$defs/node"}},
        }
    )
    tree: list[Any] = [1]
    for _ in range(50):
        tree = [tree]
    assert schema.check({"tree": [[], []]}) == ()
    assert [each.code for each in schema.check({"tree": tree})] == ["too_complex"]


def test_many_unhashable_elements_are_compared() -> None:
    violations = found({"uniqueItems": True}, [{"n": number} for number in range(20_000)])

    assert violations == []


def test_a_reference_to_the_root_keeps_every_limit_in_force() -> None:
    schema = compile_schema({**ORDER, "properties": {"parent": {"$ref": "#"}, "items": True}})

    violations = schema.check({"number": 1, "items": [], "parent": {"x": 1}})

    assert [(each.path, each.code) for each in violations] == [
        ("number", "unknown_field"),
        ("parent.items", "required"),
        ("parent.number", "required"),
        ("parent.x", "unknown_field"),
    ]


@settings(max_examples=300)
@given(SCHEMAS, VALUES)
def test_data_are_accepted_exactly_when_the_standard_accepts_them(schema: Any, value: Any) -> None:
    whole = {"type": "object", "properties": {"a": schema}}

    expected = Draft202012Validator(whole).is_valid({"a": value})

    assert (found(schema, value) == []) is expected
