"""JSON Schema keywords made safe: bounded work, safe patterns, one error per missing field.

The library matches patterns with Python's ``re``, compares elements pairwise for ``uniqueItems``
and quotes the data in every message. Data come from tenants, so each of these is replaced.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from core.strict_json import identity
from records.validation.formats import FORMATS, MAX_CHARACTERS
from records.validation.pattern import Pattern, compile_pattern

MAX_WORK = 250_000
# What one request may take that checks many documents: others wait for its transaction.
MAX_WORK_TOGETHER = 500_000
CHARACTERS_PER_UNIT = 100
MATCHED_CHARACTERS_PER_UNIT = 20
COMPARED_TEXTS_PER_UNIT = 200
COMPARED_VALUES_PER_UNIT = 2

# The library's own signature: validator, value of the keyword, data, schema around the keyword.
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_work_left: ContextVar[list[int]] = ContextVar("work_left")


class WorkLimitError(Exception):
    """Checking the data takes more steps than allowed."""


@contextmanager
def limited_work(units: int = MAX_WORK) -> Iterator[None]:
    """Let the checks inside take ``units`` keyword evaluations (some microseconds each).

    Inside another limit they also take from what that one has left.
    """
    around = _work_left.get(None)
    given = min(units, around[0]) if around else units
    left = [given]
    token = _work_left.set(left)
    try:
        yield
    finally:
        _work_left.reset(token)
        if around:
            around[0] = max(0, around[0] - (given - left[0]))


def _spend(units: int) -> None:
    left = _work_left.get()
    left[0] -= units
    if left[0] < 0:
        raise WorkLimitError


def _counted(keyword: Keyword) -> Keyword:
    """Count each evaluation, each error at each level it passes, and what its message quotes."""

    def evaluate(validator: Any, value: Any, data: Any, schema: Any) -> Iterator[ValidationError]:
        _spend(1)
        for error in keyword(validator, value, data, schema) or ():
            _spend(2 + len(error.message) // CHARACTERS_PER_UNIT)
            if len(error.message) > CHARACTERS_PER_UNIT:
                error.message = ""
            yield error

    return evaluate


def _found(pattern: Pattern, text: str) -> bool:
    _spend(1 + len(text) // MATCHED_CHARACTERS_PER_UNIT)
    return pattern.search(text)


def _pattern(validator: Any, pattern: str, data: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(data, str) and not _found(compile_pattern(pattern), data):
        yield ValidationError("")


def _enum(
    validator: Any, values: list[Any], data: Any, schema: Any
) -> Iterator[ValidationError] | None:
    if isinstance(data, str):
        _spend(len(values) // COMPARED_TEXTS_PER_UNIT)
        return None if data in values else iter([ValidationError("")])
    _spend(len(values) // COMPARED_VALUES_PER_UNIT)
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
            if _found(compiled, name):
                yield from _below(validator, value, subschema, name)


def _additional_properties(
    validator: Any, subschema: Any, data: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(data, dict):
        return
    known = schema.get("properties", {})
    patterns = [compile_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    for name, value in data.items():
        if name in known or any(_found(pattern, name) for pattern in patterns):
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
    if unique and isinstance(data, list) and len({identity(each) for each in data}) < len(data):
        yield ValidationError("")


def _format(validator: Any, name: str, data: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(data, str) and (len(data) > MAX_CHARACTERS or not FORMATS[name][0](data)):
        yield ValidationError("")


_REPLACED: dict[str, Keyword] = {
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
        name: _counted(keyword)
        for name, keyword in {**Draft202012Validator.VALIDATORS, **_REPLACED}.items()
    },
)
