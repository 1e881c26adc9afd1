"""What the language knows about JSON values: their kinds, text form, equality and bounds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Final, TypeGuard

from core.expressions.context import Context, RefusedError
from core.types import Json

MAX_TEXT_CHARACTERS: Final = 100_000
# Integers that every receiver's database can hold: 64 bits, signed.
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**63 - 1
# What comparing two values costs; looking at one costs 1.
COMPARISON_COST: Final = 5


_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (type(None), "null"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "a text"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
)


def describe(value: object) -> str:
    """Name the kind of a value, never the value itself."""
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return f"an unsupported value of type {type(value).__name__}"


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether the value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_list(value: object) -> TypeGuard[Sequence[Json]]:
    """Tell whether the value is a list of JSON values."""
    return isinstance(value, list | tuple)


def bounded_number(value: float) -> int | float:
    """Return a computed number unchanged; raise RefusedError when it leaves the bounds."""
    if isinstance(value, int):
        if MIN_INTEGER <= value <= MAX_INTEGER:
            return value
    elif isfinite(value):
        return value
    raise RefusedError("the result is too large for a number")


def bounded_text(context: Context, value: str) -> str:
    """Return a computed text unchanged and account for it; raise RefusedError when too long."""
    if len(value) > MAX_TEXT_CHARACTERS:
        raise too_long()
    context.spend(len(value))
    return value


def too_long() -> RefusedError:
    """Build the error of a text that outgrows its bound."""
    return RefusedError(f"the text grows beyond {MAX_TEXT_CHARACTERS:,} characters")


def _plain(value: object) -> object:
    """Turn any mapping or sequence into what the JSON encoder knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    raise TypeError


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
)


def encode_json(value: Json) -> str:
    """Write a value as compact JSON, the way JSON.stringify does.

    Text keeps its characters, also halves of surrogate pairs. Raises RefusedError for NaN,
    infinities, values nested too deeply and anything that JSON does not know.
    """
    try:
        return _ENCODER.encode(value)
    except RecursionError as error:
        raise RefusedError("the value is nested too deeply to be written as JSON") from error
    except (TypeError, ValueError) as error:
        raise RefusedError("the value cannot be written as JSON") from error


def text_of(value: Json) -> str:
    """Return the text form of a value: null is empty, a text itself, anything else its JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return encode_json(value)


def join_texts(values: Iterable[Json], separator: str = "") -> str:
    """Join the text forms of values; raises RefusedError before the result is too long."""
    parts: list[str] = []
    size = -len(separator)
    for value in values:
        part = value if isinstance(value, str) else text_of(value)
        size += len(part) + len(separator)
        if size > MAX_TEXT_CHARACTERS:
            raise too_long()
        parts.append(part)
    return separator.join(parts)


def weigh(context: Context, value: Json) -> None:
    """Account for a value that is about to be repeated, with everything in it."""
    pending = [value]
    while pending:
        part = pending.pop()
        context.spend(1)
        if isinstance(part, str):
            context.spend(len(part))
        elif isinstance(part, Mapping):
            context.spend(sum(map(len, part)))
            pending.extend(part.values())
        elif is_list(part):
            context.spend(len(part))
            pending.extend(part)


def same(context: Context, left: Json, right: Json) -> bool:
    """Compare two values deeply and without coercion: true is not 1, but 1 is 1.0."""
    pending: list[tuple[Json, Json]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        context.spend(COMPARISON_COST)
        if is_list(one) and is_list(other):
            if len(one) != len(other):
                return False
            context.spend(len(one))
            pending.extend(zip(one, other, strict=True))
        elif isinstance(one, Mapping) and isinstance(other, Mapping):
            context.spend(len(one))
            if one.keys() != other.keys():
                return False
            pending.extend((one[key], other[key]) for key in one)
        elif not _same_scalar(one, other):
            return False
    return True


def _same_scalar(one: Json, other: Json) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if is_number(one) and is_number(other):
        return one == other
    return isinstance(one, str) and isinstance(other, str) and one == other


def member(target: Json, key: Json) -> Json:
    """Read a key of an object or an item of a list; what is not there is null.

    Items count from 0; negative numbers count from the end.
    """
    if isinstance(target, Mapping):
        return target.get(key) if isinstance(key, str) else None
    if is_list(target) and isinstance(key, int) and not isinstance(key, bool):
        return target[key] if -len(target) <= key < len(target) else None
    return None


def contains(context: Context, container: Json, wanted: Json) -> bool:
    """Tell whether a list has an item, an object a key, or a text a part; null has nothing."""
    if container is None:
        return False
    if isinstance(container, str | Mapping):
        if not isinstance(wanted, str):
            raise RefusedError(f"{describe(container)} contains only texts, not {describe(wanted)}")
        context.spend(len(container) if isinstance(container, str) else 1)
        return wanted in container
    if is_list(container):
        return any(same(context, item, wanted) for item in container)
    raise RefusedError(f"{describe(container)} cannot contain anything")
