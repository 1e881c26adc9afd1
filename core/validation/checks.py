"""Checks of one value, by the name that rules give them: ``email``, ``min:18``, ``in:draft,paid`` and their kin."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from core.types import Json
from core.validation.formats import (
    FORMATS,
    fits,
    is_international_phone,
    is_phone_in,
    is_region,
)
from core.validation.pattern import PatternError, PatternLimitError, compile_pattern

MAX_LENGTH = 1_000_000
MAX_OPTIONS = 200

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_REAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value does not pass a check."""

    code: str
    message: str


Check = Callable[[Json], Problem | None]


def named_type(name: str) -> Check:
    """Return the check for ``"type": name``; raise ValueError with the names there are."""
    if name not in TYPES:
        raise ValueError(f'there is no type "{name}"; {_suggestion(name, list(TYPES))}')
    return TYPES[name]


def phone_in_format(phone_format: str) -> Check:
    """Return the check for a phone number in a format; raise ValueError with what to write."""
    if phone_format == "international":
        sentence = "must be an international phone number such as +34912345678"
        return _text_check("phone", is_international_phone, sentence)
    if is_region(phone_format):
        sentence = f"must be a phone number of {phone_format}, or start with + and a country code"
        return _text_check("phone", is_phone_in(phone_format), sentence)
    raise ValueError(
        'the format of a phone is "international" or a country in two capitals, such as "ES"'
    )


def named_validator(text: str) -> Check:
    """Return the check for one validator, such as ``min:18``; raise ValueError if it is none."""
    name, colon, argument = text.partition(":")
    name = name.strip()
    if name in TYPES and not colon:
        return TYPES[name]
    if name in TYPES:
        raise ValueError(f'"{name}" takes no argument; write "{name}" alone')
    if name not in WITH_ARGUMENT:
        names = [*WITH_ARGUMENT, *TYPES, "required"]
        raise ValueError(f'there is no validator "{name}"; {_suggestion(name, names)}')
    factory, example = WITH_ARGUMENT[name]
    try:
        return factory(argument.strip())
    except PatternError as exc:
        raise ValueError(f"the pattern cannot be used: {exc}") from None
    except ValueError:
        raise ValueError(f'"{text}" cannot be read; write it like "{example}"') from None


def _suggestion(name: str, names: list[str]) -> str:
    close = get_close_matches(name.lower().replace("-", "_"), names, n=1)
    return f'did you mean "{close[0]}"?' if close else f"there are {', '.join(sorted(names))}"


def _text_check(code: str, accepts: Callable[[str], bool], sentence: str) -> Check:
    problem = Problem(code, sentence)

    def check(value: Json) -> Problem | None:
        return None if isinstance(value, str) and fits(accepts, value) else problem

    return check


def _kind(code: str, accepts: Callable[[Json], bool], sentence: str) -> Check:
    problem = Problem(code, sentence)
    return lambda value: None if accepts(value) else problem


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Json) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool)


def _number(text: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text):
        return float(text)
    raise ValueError(text)


def _length(text: str) -> int:
    length = int(text) if _INTEGER.fullmatch(text) else -1
    if not 0 <= length <= MAX_LENGTH:
        raise ValueError(text)
    return length


def _pair(text: str) -> tuple[str, str]:
    first, second = text.split(",")
    return first.strip(), second.strip()


def _within(code: str, lowest: float | None, highest: float | None, sentence: str) -> Check:
    problem = Problem(code, sentence)

    def check(value: Json) -> Problem | None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return NOT_A_NUMBER
        low = lowest is not None and value < lowest
        high = highest is not None and value > highest
        return problem if low or high else None

    return check


def _minimum(argument: str) -> Check:
    return _within("min", _number(argument), None, f"must be at least {argument}")


def _maximum(argument: str) -> Check:
    return _within("max", None, _number(argument), f"must be at most {argument}")


def _between(argument: str) -> Check:
    lowest, highest = (_number(side) for side in _pair(argument))
    if lowest > highest:
        raise ValueError(argument)
    return _within("between", lowest, highest, f"must be from {lowest} to {highest}")


def counted(count: int, noun: str) -> str:
    """Return "1 element", "2 elements"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _sized(code: str, fits: Callable[[int], bool], bound: str, limit: int) -> Check:
    def check(value: Json) -> Problem | None:
        if not isinstance(value, str | list):
            return Problem("type", "must be text or a list")
        if fits(len(value)):
            return None
        noun = "character" if isinstance(value, str) else "element"
        return Problem(code, f"must have {bound} {counted(limit, noun)}")

    return check


def _min_length(argument: str) -> Check:
    shortest = _length(argument)
    return _sized("min_length", lambda length: length >= shortest, "at least", shortest)


def _max_length(argument: str) -> Check:
    longest = _length(argument)
    return _sized("max_length", lambda length: length <= longest, "at most", longest)


def _options(argument: str) -> list[str]:
    options = [option.strip() for option in argument.split(",")]
    if not all(options) or len(options) > MAX_OPTIONS:
        raise ValueError(argument)
    return options


def _is_option(value: Json, options: list[str]) -> bool:
    """Whether the value is one of the options: text as written, numbers by value."""
    if isinstance(value, str):
        return value in options
    if isinstance(value, bool):
        return ("true" if value else "false") in options
    numbers = [_number(option) for option in options if _REAL.fullmatch(option)]
    return isinstance(value, int | float) and value in numbers


def _one_of(argument: str) -> Check:
    options = _options(argument)
    sentence = f"must be one of: {', '.join(options)}"
    return _kind("in", lambda value: _is_option(value, options), sentence)


def _none_of(argument: str) -> Check:
    options = _options(argument)
    sentence = f"must not be one of: {', '.join(options)}"
    return _kind("not_in", lambda value: not _is_option(value, options), sentence)


def _regex(argument: str) -> Check:
    if not argument:
        raise ValueError(argument)
    pattern = compile_pattern(argument)
    problem = Problem("regex", f'must match the pattern "{argument}"')

    def check(value: Json) -> Problem | None:
        try:
            return None if isinstance(value, str) and pattern.search(value) else problem
        except PatternLimitError:
            return Problem("regex", f'is too long to be matched with the pattern "{argument}"')

    return check


NOT_A_NUMBER = Problem("number", "must be a number")

TYPES: dict[str, Check] = {
    "string": _kind("string", lambda value: isinstance(value, str), "must be text"),
    "number": _kind("number", _is_number, NOT_A_NUMBER.message),
    "integer": _kind("integer", _is_integer, "must be a whole number"),
    "boolean": _kind("boolean", lambda value: isinstance(value, bool), "must be true or false"),
    "object": _kind("object", lambda value: isinstance(value, dict), "must be an object"),
    "list": _kind("list", lambda value: isinstance(value, list), "must be a list"),
    "date": _text_check("date", *FORMATS["date"]),
    "datetime": _text_check("datetime", *FORMATS["date-time"]),
    "email": _text_check("email", *FORMATS["email"]),
    "phone": _text_check("phone", *FORMATS["phone"]),
    "url": _text_check("url", *FORMATS["url"]),
    "uuid": _text_check("uuid", *FORMATS["uuid"]),
}

WITH_ARGUMENT: dict[str, tuple[Callable[[str], Check], str]] = {
    "min": (_minimum, "min:18"),
    "max": (_maximum, "max:120"),
    "between": (_between, "between:18,120"),
    "min_length": (_min_length, "min_length:3"),
    "max_length": (_max_length, "max_length:80"),
    "in": (_one_of, "in:draft,paid"),
    "not_in": (_none_of, "not_in:test,demo"),
    "regex": (_regex, "regex:^[A-Z]{3}$"),
}
