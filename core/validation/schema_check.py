"""Which JSON Schemas (draft 2020-12) can be used.

Stricter than the standard where silence would mislead or where checking data could take for ever:
unknown keywords and formats, references that leave the schema, and in-place reference loops are
refused with the place of the fault.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from core.types import Json
from core.validation.errors import InvalidSchemaError
from core.validation.formats import FORMATS
from core.validation.paths import path_text
from core.validation.pattern import PatternError, compile_pattern
from core.validation.sentences import described

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_CHARACTERS = 100_000
MAX_DEPTH = 32
MAX_IN_PLACE = 40

# Keywords by where their subschemas are. Those in IN_PLACE look at the same value again.
_ONE = {"additionalProperties", "items", "contains", "propertyNames", "not", "if", "then", "else"}
_ONE |= {"unevaluatedItems", "unevaluatedProperties"}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_MAPS = {"properties", "patternProperties", "dependentSchemas", "$defs"}
_IN_PLACE = {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"}
_ANNOTATIONS = {"title", "description", "default", "examples", "deprecated", "readOnly"}
_ANNOTATIONS |= {"writeOnly", "contentEncoding", "contentMediaType", "$comment"}
_CHECKED = {*Draft202012Validator.VALIDATORS, "minContains", "maxContains"} - {"$dynamicRef"}
_KEYWORDS = _ONE | _LISTS | _MAPS | _ANNOTATIONS | _CHECKED
_ROOT_KEYWORDS = {"$schema", "$id"}
_INSTEAD = {
    "definitions": '"$defs"',
    "dependencies": '"dependentRequired" or "dependentSchemas"',
    "additionalItems": '"items" beside "prefixItems"',
    "nullable": 'a list of types such as ["string", "null"]',
    "example": '"examples" with a list',
    "$anchor": 'references like "#/$defs/address"',
    "$dynamicRef": '"$ref"',
}

_Location = tuple[str, ...]


@dataclass(slots=True)
class _Subschemas:
    """Every place of the schema where a schema stands, and which looks at the same value as which."""

    by_location: dict[_Location, Mapping[str, Json] | bool] = field(default_factory=dict)
    in_place: dict[_Location, list[_Location]] = field(default_factory=dict)


def check_schema(schema: Mapping[str, Json], *, reserved: Sequence[str] = ()) -> None:
    """Raise InvalidSchemaError unless ``schema`` can describe data without ``reserved`` names."""
    _check_size(schema)
    if schema.get("$schema", DIALECT) not in {DIALECT, DIALECT + "#"}:
        raise InvalidSchemaError("$schema", f"Only draft 2020-12 is supported: {DIALECT}")
    _check_against_dialect(schema)
    if schema.get("type") != "object":
        raise InvalidSchemaError("type", 'The data is always an object; write "type": "object"')
    subschemas = _Subschemas()
    _collect((), schema, subschemas)
    _connect_references(subschemas)
    _refuse_loops(subschemas)
    _refuse_reserved(subschemas, reserved)
    _refuse_unsafe_mix(subschemas)


def _check_size(schema: Mapping[str, Json]) -> None:
    if not isinstance(schema, Mapping):
        raise InvalidSchemaError("", 'A schema is an object such as {"type": "object"}')
    if _depth_exceeds(schema, MAX_DEPTH):
        raise InvalidSchemaError("", f"The schema is nested deeper than {MAX_DEPTH} levels")
    if len(json.dumps(schema)) > MAX_CHARACTERS:
        raise InvalidSchemaError("", f"The schema is longer than {MAX_CHARACTERS} characters")


def _depth_exceeds(value: Json, levels: int) -> bool:
    if isinstance(value, Mapping):
        return levels == 0 or any(_depth_exceeds(item, levels - 1) for item in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_depth_exceeds(item, levels - 1) for item in value)
    return False


def _check_against_dialect(schema: Mapping[str, Json]) -> None:
    """Check the types and limits of the keywords against the dialect's own schema."""
    dialect: Any = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    error = best_match(dialect.iter_errors(schema))
    if error is not None:
        raise InvalidSchemaError(path_text(error.absolute_path), described(error).message)


def _collect(location: _Location, schema: Any, subschemas: _Subschemas) -> None:
    """Note every subschema, and check the keywords that the dialect leaves open."""
    subschemas.by_location[location] = schema
    subschemas.in_place[location] = []
    if isinstance(schema, bool):
        return
    for keyword, value in schema.items():
        _check_keyword((*location, keyword), keyword, value)
        for below, subschema in _below((*location, keyword), keyword, value):
            _collect(below, subschema, subschemas)
            if keyword in _IN_PLACE:
                subschemas.in_place[location].append(below)


def _below(location: _Location, keyword: str, value: Any) -> Iterator[tuple[_Location, Any]]:
    if keyword in _ONE:
        yield location, value
    elif keyword in _LISTS:
        for index, item in enumerate(value):
            yield (*location, str(index)), item
    elif keyword in _MAPS:
        for key, item in value.items():
            yield (*location, key), item


def _check_keyword(location: _Location, keyword: str, value: Any) -> None:
    if not (keyword in _KEYWORDS or keyword.startswith("x-")):
        if keyword in _ROOT_KEYWORDS and len(location) == 1:
            return
        raise _error(location, f"is not supported; {_instead(keyword)}")
    if keyword == "format" and value not in FORMATS:
        raise _error(location, f'"{value}" is not one of {", ".join(FORMATS)}')
    patterns = value if keyword == "patternProperties" else [value] if keyword == "pattern" else []
    for pattern in patterns:
        try:
            compile_pattern(pattern)
        except PatternError as exc:
            raise _error(location, f"cannot be used: {exc}") from None


def _instead(keyword: str) -> str:
    if keyword in _INSTEAD:
        return f"write {_INSTEAD[keyword]}"
    close = get_close_matches(keyword, sorted(_KEYWORDS), n=1)
    hint = f'did you mean "{close[0]}"?' if close else "leave it out"
    return f'{hint} (names of your own start with "x-")'


def _connect_references(subschemas: _Subschemas) -> None:
    for location, schema in subschemas.by_location.items():
        if isinstance(schema, bool) or "$ref" not in schema:
            continue
        reference = str(schema["$ref"])
        if not reference.startswith("#"):
            raise _error(
                (*location, "$ref"),
                'leaves the schema; copy the target under "$defs" and refer there',
            )
        pointer = unquote(reference.removeprefix("#"))
        steps = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
        target = tuple(steps)
        if target not in subschemas.by_location or (pointer and not pointer.startswith("/")):
            raise _error((*location, "$ref"), "leads to no schema; write it like #/$defs/address")
        subschemas.in_place[location].append(target)


def _refuse_loops(subschemas: _Subschemas) -> None:
    """Refuse a schema that comes back to itself, or goes on too long, at the same data."""
    heights: dict[_Location, int] = {}

    def height(location: _Location, above: frozenset[_Location]) -> int:
        if location in above:
            raise _error(location, "A reference comes back here without going deeper into the data")
        if len(above) + heights.get(location, 1) > MAX_IN_PLACE:
            raise _error(location, f"More than {MAX_IN_PLACE} schemas in a row look at one value")
        if location not in heights:
            around = above | {location}
            below = [height(each, around) for each in subschemas.in_place[location]]
            heights[location] = 1 + max(below, default=0)
        return heights[location]

    for location in subschemas.by_location:
        height(location, frozenset())


def _refuse_reserved(subschemas: _Subschemas, reserved: Sequence[str]) -> None:
    waiting: list[_Location] = [()]
    while waiting:
        location = waiting.pop()
        waiting.extend(subschemas.in_place[location])
        schema = subschemas.by_location[location]
        for keyword in ("properties", "required"):
            names = {} if isinstance(schema, bool) else schema.get(keyword, {})
            for name in reserved:
                if isinstance(names, Mapping | list) and name in names:
                    raise _error(
                        (*location, keyword), f'"{name}" is a name of Patchbay; choose another'
                    )


def _refuse_unsafe_mix(subschemas: _Subschemas) -> None:
    """Refuse the one place left where the library would match patterns with Python's ``re``."""
    used = {
        keyword: location
        for location, schema in subschemas.by_location.items()
        if not isinstance(schema, bool)
        for keyword in schema
    }
    if {"unevaluatedProperties", "patternProperties"} <= used.keys():
        raise _error(
            (*used["unevaluatedProperties"], "unevaluatedProperties"),
            'cannot be combined with "patternProperties"; use "additionalProperties"',
        )


def _error(location: _Location, message: str) -> InvalidSchemaError:
    return InvalidSchemaError(path_text(location), message)
