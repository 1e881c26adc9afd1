"""Which values of a record a rule is about: ``user.email``, ``items[].sku``, ``labels['a.b']``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.types import Json
from core.validation.types import Location

MAX_FIELD_CHARACTERS = 200
MAX_STEPS = 20


class Each(Enum):
    """The step that stands for each element of a list."""

    EACH = "[]"


class Absent(Enum):
    """Why there is no value at a place."""

    MISSING = "it is not there"
    NOT_AN_OBJECT = "an object should be there"
    NOT_A_LIST = "a list should be there"


EACH: Final = Each.EACH

Step = str | Each


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place that a rule is about, and what was found there."""

    location: Location
    value: Json | Absent


_STEP = re.compile(
    r"(?P<dot>\.)?(?:(?P<each>\[\])|\['(?P<quoted>(?:[^'\\]|\\['\\])*)'\]|(?P<plain>[^.\[\]'\\\s]+))"
)


def parse_field(text: str) -> tuple[Step, ...]:
    """Return the steps that lead to the field; raise ValueError with what to write instead."""
    if len(text) > MAX_FIELD_CHARACTERS:
        raise ValueError(f"a field has at most {MAX_FIELD_CHARACTERS} characters")
    steps: list[Step] = []
    position = 0
    while position < len(text):
        step = _STEP.match(text, position)
        dotted = step is not None and step["dot"] is not None
        if step is None or dotted != (bool(steps) and step["plain"] is not None):
            raise ValueError(_how_to_write(text))
        steps.append(_step(step))
        position = step.end()
    if not steps or steps[0] is EACH:
        raise ValueError(_how_to_write(text))
    if len(steps) > MAX_STEPS:
        raise ValueError(f"a field has at most {MAX_STEPS} steps, this one has {len(steps)}")
    return tuple(steps)


def find(steps: Sequence[Step], data: Json) -> Iterator[Target]:
    """Yield every place that the steps lead to.

    A missing or null parent makes the field itself missing; a list that is missing or empty has
    no elements, so nothing is missing in it. A value that should be an object or a list and is not
    is yielded in place of all that lies below it.
    """
    return _find((), steps, data)


def _find(location: Location, steps: Sequence[Step], value: Json | Absent) -> Iterator[Target]:
    if not steps:
        yield Target(location=location, value=value)
        return
    step, *rest = steps
    nothing = value is None or value is Absent.MISSING
    if isinstance(step, Each):
        if isinstance(value, list):
            for index, element in enumerate(value):
                yield from _find((*location, index), rest, element)
        elif not nothing:
            yield Target(location=location, value=Absent.NOT_A_LIST)
    elif isinstance(value, Mapping):
        yield from _find((*location, step), rest, value.get(step, Absent.MISSING))
    elif nothing:
        yield from _find((*location, step), rest, Absent.MISSING)
    else:
        yield Target(location=location, value=Absent.NOT_AN_OBJECT)


def _step(match: re.Match[str]) -> Step:
    if match["each"]:
        return EACH
    if match["plain"] is not None:
        return match["plain"]
    return re.sub(r"\\(.)", r"\1", match["quoted"])


def _how_to_write(text: str) -> str:
    return f'"{text}" is not a field; write keys joined by dots, such as user.email or items[].sku'
