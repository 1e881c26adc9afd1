"""Functions that turn one kind of value into another. Nothing is converted without them."""

import json as standard_json
import re
from typing import Final

from core.expressions.context import RefusedError
from core.expressions.kinds import TEXT
from core.expressions.registry import Parameter, function
from core.expressions.values import (
    MAX_TEXT_CHARACTERS,
    bounded_number,
    describe,
    encode_json,
    text_of,
)
from core.expressions.values import is_number as is_a_number
from core.types import Json

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0", ""})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")


@function("number", Parameter(name="value"))
def number(value: Json) -> int | float | None:
    """Read a number from its text; null stays null."""
    if value is None or is_a_number(value):
        return value
    if not isinstance(value, str):
        raise RefusedError(f"needs a text or a number, got {describe(value)}")
    written = value.strip()
    if _WHOLE_NUMBER.fullmatch(written):
        return bounded_number(int(written))
    if _NUMBER.fullmatch(written):
        return bounded_number(float(written))
    raise RefusedError("needs a text that is a number, such as 12.50")


@function("text", Parameter(name="value"))
def text(value: Json) -> str:
    """Return the text form of any value: null is empty, lists and objects are their JSON."""
    return text_of(value)


@function("bool", Parameter(name="value"))
def boolean(value: Json) -> bool:
    """Read true or false from its usual spellings; null is false."""
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        if value.strip().lower() in _TRUE:
            return True
        if value.strip().lower() in _FALSE:
            return False
    elif is_a_number(value) and value in {0, 1}:
        return value == 1
    raise RefusedError("needs true or false, yes or no, on or off, 1 or 0")


@function("json", Parameter(name="value"))
def json(value: Json) -> str:
    """Write any value as compact JSON."""
    return encode_json(value)


@function("parse_json", Parameter(name="text", kind=TEXT))
def parse_json(source: str) -> Json:
    """Read the value from JSON text."""
    if len(source) > MAX_TEXT_CHARACTERS:
        raise RefusedError(f"needs a text of at most {MAX_TEXT_CHARACTERS:,} characters")
    try:
        value: Json = standard_json.loads(
            source, parse_constant=_refuse_constant, parse_float=_read_float
        )
    except RecursionError as error:
        raise RefusedError("needs JSON that is not nested as deeply") from error
    except ValueError as error:
        raise RefusedError("needs a text that is JSON") from error
    return value


def _read_float(written: str) -> int | float:
    return bounded_number(float(written))


def _refuse_constant(written: str) -> None:
    raise RefusedError("needs JSON without NaN and Infinity")
