"""Typed transforms: a value becomes one of the type of its field, or is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from core.expressions.context import Context, RefusedError
from core.expressions.functions.conversion import boolean, number
from core.expressions.moments import calendar_date, parse_moment, write_moment
from core.expressions.values import bounded_number, describe, is_list, is_number, text_of
from core.types import Json
from records.mapping.types import Kind

MAX_TEXT_CHARACTERS: Final = 10_000
MAX_DEPTH: Final = 16
# Neither database keeps a NUL in a text, or half of a character.
_WITHOUT_PLACE = re.compile("[\x00\ud800-\udfff]")


def converted(context: Context, kind: Kind, value: Json) -> Json:
    """Return a value that is not null as one of a kind; raise RefusedError where it is none."""
    result = _CONVERSIONS[kind](context, value)
    check(context, result)
    return result


def check(context: Context, value: Json, depth: int = 0) -> None:
    """Refuse what could not be kept, at any depth, and account for the size of the rest."""
    context.spend(1)
    if isinstance(value, str):
        _check_text(context, value)
    elif isinstance(value, Mapping) or is_list(value):
        if depth == MAX_DEPTH:
            raise RefusedError(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, Mapping):
            for key in value:
                _check_text(context, key)
        parts = value.values() if isinstance(value, Mapping) else value
        for part in parts:
            check(context, part, depth + 1)


def _check_text(context: Context, text: str) -> None:
    if len(text) > MAX_TEXT_CHARACTERS:
        raise RefusedError(f"is longer than {MAX_TEXT_CHARACTERS:,} characters")
    context.spend(len(text))
    if _WITHOUT_PLACE.search(text):
        raise RefusedError("has characters that cannot be kept")


def _text(context: Context, value: Json) -> Json:
    if isinstance(value, Mapping) or is_list(value):
        raise RefusedError(f"needs a text, got {describe(value)}")
    return text_of(value)


def _number(context: Context, value: Json) -> Json:
    read = number(value)
    return None if read is None else bounded_number(read)


def _integer(context: Context, value: Json) -> Json:
    read = number(value)
    if isinstance(read, float) and read.is_integer():
        read = int(read)
    if not isinstance(read, int):
        raise RefusedError("needs a whole number, got one with decimals")
    return bounded_number(read)


def _boolean(context: Context, value: Json) -> Json:
    if not isinstance(value, str | bool) and not is_number(value):
        raise RefusedError(f"needs true or false, got {describe(value)}")
    return boolean(value)


def _date(context: Context, value: Json) -> Json:
    return calendar_date(parse_moment(_trimmed(value)), context.time_zone).isoformat()


def _moment(context: Context, value: Json) -> Json:
    return write_moment(parse_moment(_trimmed(value)), context.time_zone)


def _trimmed(value: Json) -> Json:
    return value.strip() if isinstance(value, str) else value


def _list(context: Context, value: Json) -> Json:
    return list(value) if is_list(value) else [value]


def _object(context: Context, value: Json) -> Json:
    if not isinstance(value, Mapping):
        raise RefusedError(f"needs an object, got {describe(value)}")
    return value


_CONVERSIONS: Final[Mapping[Kind, Callable[[Context, Json], Json]]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.LIST: _list,
    Kind.OBJECT: _object,
}
