from typing import Any

import pytest

from core.validation import compile_schema
from records.examples import alternative, example

ADDRESS = {
    "type": "object",
    "required": ["city"],
    "properties": {"city": {"type": "string"}, "country": {"const": "PT"}},
}
TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
}


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "string", "minLength": 12}, id="shortest"),
        pytest.param({"type": "string", "maxLength": 3}, id="longest"),
        pytest.param({"type": "string", "format": "email"}, id="email"),
        pytest.param({"type": "string", "format": "date-time"}, id="moment"),
        pytest.param({"type": "string", "format": "uuid"}, id="uuid"),
        pytest.param({"type": "string", "format": "phone"}, id="phone"),
        pytest.param({"type": "string", "format": "url"}, id="url"),
        pytest.param({"type": "integer", "minimum": 18}, id="minimum"),
        pytest.param({"type": "integer", "maximum": -5}, id="maximum"),
        pytest.param({"type": "integer", "exclusiveMinimum": 1}, id="above"),
        pytest.param({"type": "integer", "exclusiveMaximum": 1}, id="below"),
        pytest.param(
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, id="between"
        ),
        pytest.param({"type": "integer", "multipleOf": 5, "minimum": 7}, id="multiple"),
        pytest.param({"type": "integer", "multipleOf": 5, "maximum": -7}, id="multiple-below"),
        pytest.param({"type": ["null", "boolean"]}, id="nullable"),
        pytest.param({"type": "null"}, id="null"),
        pytest.param({"enum": ["new", "paid"]}, id="choice"),
        pytest.param({"const": {"a": 1}}, id="constant"),
        pytest.param({"type": "array", "minItems": 3, "items": {"type": "integer"}}, id="list"),
        pytest.param({"type": "array", "maxItems": 0}, id="empty-list"),
        pytest.param(
            {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"enum": [1, 2]}},
            id="different-elements",
        ),
        pytest.param(
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, id="tuple"
        ),
        pytest.param(ADDRESS, id="object"),
        pytest.param({"allOf": [ADDRESS, {"required": ["country"]}]}, id="all-of"),
        pytest.param({"oneOf": [{"type": "integer"}, {"type": "string"}]}, id="one-of"),
        pytest.param({"$ref": "#/$defs/a~1b", "$defs": {"a/b": ADDRESS}}, id="reference"),
        pytest.param(TREE, id="recursive"),
        pytest.param({}, id="anything"),
    ],
)
def test_an_example_is_valid(schema: dict[str, Any]) -> None:
    root: dict[str, Any] = {
        "type": "object",
        "properties": {"field": schema},
        "$defs": {"a/b": ADDRESS},
        "required": ["field"],
    }
    if schema is TREE:
        root = {**TREE}

    value = example(root)

    assert isinstance(value, dict)
    assert compile_schema(root).check(value) == ()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["A-1", "A-2"], "default": "x"}, "A-1"),
        ({"type": "string", "default": "x", "enum": ["y", "x"]}, "x"),
        ({"type": "string", "enum": ["y", "x"]}, "y"),
    ],
)
def test_what_the_schema_offers_comes_first(schema: dict[str, Any], value: Any) -> None:
    assert example(schema) == value


def test_text_is_called_like_its_field() -> None:
    assert example({"properties": {"customer_name": {"type": "string"}}}) == {
        "customer_name": "customer name"
    }


@pytest.mark.parametrize(
    ("schema", "value", "other"),
    [
        ({"enum": ["new", "paid"]}, "new", "paid"),
        ({"examples": ["A-1", "A-2"]}, "A-1", "A-2"),
        ({}, 3, 4),
        ({}, True, False),
        ({}, "lamp", "another lamp"),
        ({}, [1], None),
    ],
)
def test_an_alternative_is_another_value(schema: dict[str, Any], value: Any, other: Any) -> None:
    assert alternative(schema, value) == other
