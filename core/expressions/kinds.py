"""The kinds of values that functions take as arguments, and how each is checked."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.expressions.context import Context, RefusedError
from core.expressions.moments import parse_moment
from core.expressions.registry import Kind
from core.expressions.values import describe, is_list, is_number
from core.types import Json


def _refuse(needed: str, value: Json, hint: str = "") -> RefusedError:
    return RefusedError(f"needs {needed}, got {describe(value)}{hint}")


def _text(context: Context, value: Json) -> str:
    if not isinstance(value, str):
        raise _refuse("a text", value, "" if value is None else "; text() makes one")
    context.spend(len(value))
    return value


def _number(context: Context, value: Json) -> int | float:
    if not is_number(value):
        raise _refuse("a number", value, "; number() makes one" if isinstance(value, str) else "")
    return value


def _integer(context: Context, value: Json) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse("a whole number", value)
    return value


def _list(context: Context, value: Json) -> Sequence[Json]:
    if not is_list(value):
        raise _refuse("a list", value)
    context.spend(len(value))
    return value


def _list_or_null(context: Context, value: Json) -> Sequence[Json]:
    return () if value is None else _list(context, value)


def _object(context: Context, value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _refuse("an object", value)
    return value


TEXT: Final = Kind(accept=_text)
NUMBER: Final = Kind(accept=_number)
INTEGER: Final = Kind(accept=_integer)
LIST: Final = Kind(accept=_list)
LIST_OR_NULL: Final = Kind(accept=_list_or_null, nullable=True)
OBJECT: Final = Kind(accept=_object)
MOMENT: Final = Kind(accept=lambda context, value: parse_moment(value))
