"""JSON Schema keywords made safe: bounded work, safe patterns, one error per missing field.

The library matches patterns with Python's ``re``, compares elements pairwise for ``uniqueItems``
and quotes the data in every message. Data come from tenants, so each of these is replaced.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from core.strict_json import identity
from core.validation.formats import FORMATS, fits
from core.validation.pattern import compile_pattern
from core.validation.work import spend

CHARACTERS_PER_UNIT = 100
COMPARED_TEXTS_PER_UNIT = 200
COMPARED_VALUES_PER_UNIT = 2
# Keywords go through what they are given: a list of names, the members of an object.
MEMBERS_PER_UNIT = 50
# The library looks for what nothing has evaluated by comparing each member with all of them.
PAIRS_PER_UNIT = 2_000
# To follow a reference takes as long as a dozen other keywords.
REFERENCE_UNITS = 12

# The library's own signature: validator, value of the keyword, data, schema around the keyword.
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _counted(name: str, keyword: Keyword) -> Keyword:
    """Count each evaluation, each error at each level it passes, and what its message quotes."""
    units = REFERENCE_UNITS if name in {"$ref", "$dynamicRef"} else 1
    pairwise = name in {"unevaluatedItems", "unevaluatedProperties"}

    def evaluate(validator: Any, value: Any, data: Any, schema: Any) -> Iterator[ValidationError]:
        members = _members(data)
        spend(units + (_members(value) + members) // MEMBERS_PER_UNIT)
        if pairwise:
            spend(members * members // PAIRS_PER_UNIT)
        for error in keyword(validator, value, data, schema) or ():
            spend(2 + len(error.message) // CHARACTERS_PER_UNIT)
            if len(error.message) > CHARACTERS_PER_UNIT:
                error.message = ""
            yield error

    return evaluate


def _members(value: Any) -> int:
    return len(value) if isinstance(value, dict | list) else 0


def _values(data: Any) -> int:
    """Return how many values ``data`` consists of, at every depth."""
    if not isinstance(data, dict | list):
        return 1
    return 1 + sum(map(_values, data.values() if isinstance(data, dict) else data))


def _pattern(validator: Any, pattern: str, data: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(data, str) and not compile_pattern(pattern).search(data):
        yield ValidationError("")


def _enum(
    validator: Any, values: list[Any], data: Any, schema: Any
) -> Iterator[ValidationError] | None:
    if isinstance(data, str):
        spend(len(values) // COMPARED_TEXTS_PER_UNIT)
        return None if data in values else iter([ValidationError("")])
    spend(len(values) * _values(data) // COMPARED_VALUES_PER_UNIT)
    known: Keyword = Draft202012Validator.VALIDATORS["enum"]
    return known(validator, values, data, schema)


def _below(validator: Any, value: Any, subschema: Any, name: str) -> Iterator[ValidationError]:
    # For a schema that is false, the library's own descent forgets the place.
    if subschema is False:
        yield ValidationError("", path=(name,))
    else:
        yield from validator.descend(value, subschema, path=name, schema_path=name)


def _properties(
    validator: Any, subschemas: Mapping[str, Any], data: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(data, dict):
        for name, subschema in subschemas.items():
            if name in data:
                yield from _below(validator, data[name], subschema, name)


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], data: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(data, dict):
        return
    for pattern, subschema in patterns.items():
        compiled = compile_pattern(pattern)
        for name, value in data.items():
            if compiled.search(name):
                yield from _below(validator, value, subschema, name)


def _additional_properties(
    validator: Any, subschema: Any, data: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(data, dict):
        return
    known = schema.get("properties", {})
    patterns = [compile_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    for name, value in data.items():
        if name in known or any(pattern.search(name) for pattern in patterns):
            continue
        yield from _below(validator, value, subschema, name)


def _property_names(
    validator: Any, subschema: Any, data: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(data, dict):
        names = validator.evolve(schema=subschema)
        for name in data:
            if not names.is_valid(name):
                yield ValidationError("", path=(name,))


def _required(
    validator: Any, names: list[str], data: Any, schema: Any
) -> Iterator[ValidationError]:
    if isinstance(data, dict):
        yield from (ValidationError("", path=(name,)) for name in names if name not in data)


def _dependent_required(
    validator: Any, dependencies: Mapping[str, list[str]], data: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(data, dict):
        return
    for given, names in dependencies.items():
        for name in names:
            if given in data and name not in data:
                yield ValidationError(f"is required when {given[:40]} is given", path=(name,))


def _unique_items(
    validator: Any, unique: bool, data: Any, schema: Any
) -> Iterator[ValidationError]:
    if not unique or not isinstance(data, list):
        return
    spend(_values(data) // COMPARED_VALUES_PER_UNIT)
    if len({identity(each) for each in data}) < len(data):
        yield ValidationError("")


def _format(validator: Any, name: str, data: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(data, str) and not fits(FORMATS[name][0], data):
        yield ValidationError("")


def _const(validator: Any, value: Any, data: Any, schema: Any) -> Iterator[ValidationError] | None:
    spend(_values(data) // COMPARED_VALUES_PER_UNIT)
    known: Keyword = Draft202012Validator.VALIDATORS["const"]
    return known(validator, value, data, schema)


_REPLACED: dict[str, Keyword] = {
    "const": _const,
    "pattern": _pattern,
    "enum": _enum,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "required": _required,
    "dependentRequired": _dependent_required,
    "uniqueItems": _unique_items,
    "format": _format,
}

BoundedValidator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        name: _counted(name, keyword)
        for name, keyword in {**Draft202012Validator.VALIDATORS, **_REPLACED}.items()
    },
)
