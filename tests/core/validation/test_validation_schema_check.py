import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation import InvalidSchemaError, check_schema, compile_schema

RESERVED = ("id", "changes")
OWN_NAMES = '(names of your own start with "x-")'
WRITE_TYPES = 'write a list of types such as ["string", "null"]'
USE_OTHER = 'use "additionalProperties"'


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"not": schema}
    return {"type": "object", **schema}


def loop(location: str) -> str:
    prefix = f"{location}: " if location else ""
    return f"{prefix}A reference comes back here without going deeper into the data"


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"type": "array"}, 'type: The data is always an object; write "type": "object"'),
        ({"type": ["object"]}, 'type: The data is always an object; write "type": "object"'),
        (
            {"type": "obj"},
            "type: must be one of: array, boolean, integer, null, number, object, string",
        ),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#"},
            "$schema: Only draft 2020-12 is supported: https://json-schema.org/draft/2020-12/schema",
        ),
        ({"properties": {"a": 5}}, "properties.a: must be an object or true or false"),
        ({"properties": {"a": {"minLength": -1}}}, "properties.a.minLength: must be at least 0"),
        ({"required": "a"}, "required: must be a list"),
        ({"required": ["a", "a"]}, "required: must not have the same element twice"),
        (
            {"properties": {"a": {"requird": ["b"]}}},
            f'properties.a.requird: is not supported; did you mean "required"? {OWN_NAMES}',
        ),
        ({"definitions": {}}, 'definitions: is not supported; write "$defs"'),
        (
            {"properties": {"a": {"nullable": True}}},
            f"properties.a.nullable: is not supported; {WRITE_TYPES}",
        ),
        (
            {"properties": {"a": {"$schema": "x"}}},
            f"properties.a.$schema: is not supported; leave it out {OWN_NAMES}",
        ),
        (
            {"properties": {"a": {"pattern": r"(b)\1"}}},
            "properties.a.pattern: cannot be used: Backreferences are not supported (column 4)",
        ),
        (
            {"patternProperties": {"(": {}}},
            "patternProperties: cannot be used: This group is never closed (column 1)",
        ),
        (
            {"properties": {"a": {"$ref": "https://example.com/schema"}}},
            'properties.a.$ref: leaves the schema; copy the target under "$defs" and refer there',
        ),
        (
            {"properties": {"a": {"$ref": "file.json#/$defs/a"}}},
            'properties.a.$ref: leaves the schema; copy the target under "$defs" and refer there',
        ),
        (
            {"properties": {"a": {"$ref": "#/$defs/b"}}},
            "properties.a.$ref: leads to no schema; write it like #/$defs/address",
        ),
        (
            {"properties": {"a": {"$ref": "#a"}}},
            "properties.a.$ref: leads to no schema; write it like #/$defs/address",
        ),
        (
            {
                "properties": {
                    "a": {"enum": [{"$ref": "#"}]},
                    "b": {"$ref": "#/properties/a/enum/0"},
                }
            },
            "properties.b.$ref: leads to no schema; write it like #/$defs/address",
        ),
        ({"$ref": "#"}, loop("")),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}}, loop("$defs.a")),
        (
            {
                "$defs": {
                    "a": {"anyOf": [{"$ref": "#/$defs/b"}]},
                    "b": {"not": {"$ref": "#/$defs/a"}},
                }
            },
            loop("$defs.a"),
        ),
        ({"properties": {"id": {}}}, 'properties: "id" is a name of Patchbay; choose another'),
        (
            {"properties": {"changes": True}},
            'properties: "changes" is a name of Patchbay; choose another',
        ),
        ({"required": ["id"]}, 'required: "id" is a name of Patchbay; choose another'),
        (
            {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"properties": {"id": {}}}}},
            '$defs.a.properties: "id" is a name of Patchbay; choose another',
        ),
        (
            {"unevaluatedProperties": False, "properties": {"a": {"patternProperties": {}}}},
            f'unevaluatedProperties: cannot be combined with "patternProperties"; {USE_OTHER}',
        ),
    ],
)
def test_a_schema_that_would_mislead_or_hang_is_refused_with_its_place(
    keywords: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidSchemaError) as caught:
        check_schema({"type": "object", **keywords}, reserved=RESERVED)

    assert str(caught.value) == message


@pytest.mark.parametrize("order", [1, -1])
def test_a_long_chain_of_references_is_refused_in_either_direction(order: int) -> None:
    links: list[tuple[str, Any]] = [(f"s{n}", {"$ref": f"#/$defs/s{n + 1}"}) for n in range(2_000)]
    definitions = dict([*links, ("s2000", True)][::order])

    with pytest.raises(InvalidSchemaError, match="More than 40 schemas in a row look at one value"):
        check_schema({"type": "object", "$defs": definitions})


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"format": "e-mail"}}}

    with pytest.raises(InvalidSchemaError) as caught:
        check_schema(schema, reserved=RESERVED)

    assert caught.value.path == "properties.a.format"
    assert caught.value.message.startswith(
        '"e-mail" is not one of date, date-time, duration, email,'
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ([], 'A schema is an object such as {"type": "object"}'),
        (True, 'A schema is an object such as {"type": "object"}'),
        ({}, 'type: The data is always an object; write "type": "object"'),
        (nested(32), "The schema is nested deeper than 32 levels"),
        (
            {"type": "object", "description": "x" * 100_000},
            "The schema is longer than 100000 characters",
        ),
    ],
)
def test_what_is_no_schema_or_too_large_is_refused(schema: Any, message: str) -> None:
    with pytest.raises(InvalidSchemaError) as caught:
        check_schema(schema, reserved=RESERVED)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {
            "type": "object",
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:x",
        },
        {
            "type": "object",
            "properties": {"$ref": {"type": "string"}, "a": {"properties": {"id": {}}}},
        },
        {"type": "object", "properties": {"a": {"default": {"$ref": "x"}, "x-color": "red"}}},
        {"type": "object", "properties": {"child": {"$ref": "#"}}},
        {
            "type": "object",
            "$defs": {"a/b": {"type": "string"}},
            "properties": {"c": {"$ref": "#/$defs/a~1b"}, "d": {"$ref": "#/properties/c"}},
        },
        {"type": "object", "minProperties": 1, "contentMediaType": "text/plain", "$comment": "x"},
        nested(31),
    ],
)
def test_a_schema_with_ordinary_or_odd_but_sound_parts_passes(schema: dict[str, Any]) -> None:
    check_schema(schema, reserved=RESERVED)

    assert compile_schema(schema, reserved=RESERVED).check({"id": 1})[-1].code == "reserved"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "properties", "$ref", "allOf", "items", "pattern", "format"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_a_schema_or_an_error_about_it(value: Any) -> None:
    schema = {**value, "type": "object"} if isinstance(value, dict) else value
    try:
        compiled = compile_schema(schema)
    except InvalidSchemaError as exc:
        told = str(exc)
        assert told
    else:
        assert len(compiled.check(json.loads("{}"))) < 50
