"""An example of data that a JSON Schema describes, to show and to try templates with.

What the schema itself gives comes first: ``examples``, ``default``, ``const``, ``enum``. For
ordinary schemas the example is valid; a ``pattern`` is not followed, and of several alternatives
the first is taken.
"""

import math
from collections.abc import Mapping
from typing import Any

from core.types import Json

MAX_DEPTH = 8
MAX_ITEMS = 20
MAX_TEXT = 200

FORMATS = {
    "date": "2026-03-07",
    "date-time": "2026-03-07T10:30:00Z",
    "duration": "P1D",
    "email": "ana@example.com",
    "hostname": "shop.example.com",
    "ipv4": "192.0.2.10",
    "ipv6": "2001:db8::10",
    "json-pointer": "/items/0",
    "phone": "+34912345678",
    "regex": "^[a-z]+$",
    "time": "10:30:00Z",
    "uri": "https://shop.example.com/orders/1042",
    "uri-reference": "/orders/1042",
    "url": "https://shop.example.com/orders/1042",
    "uuid": "6f1c2d3e-4b5a-4978-8a9b-0c1d2e3f4a5b",
}

Schema = Mapping[str, Any]


def example(schema: Schema) -> Json:
    """Return an example of what ``schema`` describes. References must lead into ``schema``."""
    return _example(schema, schema, "", 0)


def alternative(schema: Schema, value: Json) -> Json:
    """Return another value than ``value`` for the same field, to show a change from it."""
    for other in (*schema.get("examples", ()), *schema.get("enum", ())):
        if other != value:
            return other  # type: ignore[no-any-return]  # schemas hold JSON
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"another {value}"
        case _:
            return None


def resolved(root: Schema, schema: Any) -> Schema:
    """Return ``schema`` as one object: references followed, the parts of ``allOf`` put together."""
    whole: dict[str, Any] = {}
    for part in _parts(root, schema, MAX_DEPTH):
        properties = {**whole.get("properties", {}), **part.get("properties", {})}
        required = [*whole.get("required", ()), *part.get("required", ())]
        whole = {**whole, **part, "properties": properties, "required": required}
    return whole


def _parts(root: Schema, schema: Any, depth: int) -> list[Schema]:
    if not isinstance(schema, Mapping) or depth == 0:
        return []
    parts: list[Schema] = []
    if isinstance(reference := schema.get("$ref"), str):
        parts += _parts(root, _target(root, reference), depth - 1)
    for inner in schema.get("allOf", ()):
        parts += _parts(root, inner, depth - 1)
    for keyword in ("oneOf", "anyOf"):
        for inner in schema.get(keyword, ())[:1]:
            parts += _parts(root, inner, depth - 1)
    return [*parts, schema]


def _target(root: Schema, reference: str) -> Any:
    """Return what a local reference (``#/$defs/address``) points at, None if nothing is there."""
    found: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _example(root: Schema, schema: Any, name: str, depth: int) -> Json:
    whole = resolved(root, schema)
    if given := _given(whole):
        return given[0]
    match _kind(whole):
        case "object":
            return _object(root, whole, depth)
        case "array":
            return _array(root, whole, name, depth)
        case "integer" | "number" as kind:
            return _number(whole, whole_only=kind == "integer")
        case "boolean" | "null" as kind:
            return True if kind == "boolean" else None
        case _:
            return _text(whole, name)


def _given(schema: Schema) -> list[Json]:
    """Return the values that the schema itself offers, the best one first."""
    single = [schema[keyword] for keyword in ("default", "const") if keyword in schema]
    return [*schema.get("examples", ()), *single, *schema.get("enum", ())]


def _kind(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    if schema.get("properties"):
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _object(root: Schema, schema: Schema, depth: int) -> Json:
    properties = schema["properties"]
    required = schema["required"]
    wanted = [name for name in properties if depth < MAX_DEPTH or name in required]
    wanted += [name for name in required if name not in properties]
    if depth > 2 * MAX_DEPTH:
        return {}
    return {name: _example(root, properties.get(name, {}), name, depth + 1) for name in wanted}


def _array(root: Schema, schema: Schema, name: str, depth: int) -> Json:
    first = [_example(root, each, name, depth + 1) for each in schema.get("prefixItems", ())]
    if depth >= MAX_DEPTH:
        return first
    wanted = max(schema.get("minItems", 0), min(1, schema.get("maxItems", 1)))
    items = schema.get("items", {})
    missing = min(wanted, MAX_ITEMS) - len(first)
    if items is False or missing <= 0:
        return first
    value = _example(root, items, name, depth + 1)
    return [*first, *_several(resolved(root, items), value, missing)]


def _several(schema: Schema, value: Json, count: int) -> list[Json]:
    """Return ``count`` elements, different ones as far as the schema offers them."""
    values = [value]
    while len(values) < count:
        options = [each for each in schema.get("enum", ()) if each not in values]
        values.append(options[0] if options else alternative({}, values[-1]))
    return values


def _number(schema: Schema, *, whole_only: bool) -> Json:
    step = schema.get("multipleOf", 1 if whole_only else 0)
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    highest = schema.get("maximum", schema.get("exclusiveMaximum"))
    value = 1 if lowest is None else lowest
    if highest is not None and value > highest:
        value = highest
    if step:
        up = lowest is not None or highest is None
        value = (math.ceil(value / step) if up else math.floor(value / step)) * step
    if value == schema.get("exclusiveMinimum"):
        value += step or _between(value, highest)
    if value == schema.get("exclusiveMaximum"):
        value -= step or _between(lowest, value)
    return value


def _between(lowest: float | None, highest: float | None) -> float:
    return 1 if lowest is None or highest is None else (highest - lowest) / 2


def _text(schema: Schema, name: str) -> str:
    form = schema.get("format")
    text = FORMATS.get(form, "") if isinstance(form, str) else ""
    text = text or name.replace("_", " ") or "text"
    shortest = min(schema.get("minLength", 0), MAX_TEXT)
    return text.ljust(shortest, "x")[: schema.get("maxLength", MAX_TEXT)]
