"""What a pattern is made of once it is parsed."""

from collections.abc import Iterable
from dataclasses import dataclass

Ranges = tuple[tuple[int, int], ...]

LAST_CODE_POINT = 0x10FFFF


class PatternError(ValueError):
    """A pattern that is malformed or not supported; ``column`` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (column {column})")
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Character:
    """One character out of sorted, separate ranges of code points."""

    ranges: Ranges

    def takes(self, character: str) -> bool:
        code_point = ord(character)
        return any(first <= code_point <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Start:
    """The place before the first character."""


@dataclass(frozen=True, slots=True)
class End:
    """The place after the last character; unlike in Python, not before a final line break."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other; without parts, the empty text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the options."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part ``fewest`` to ``most`` times; None is no upper limit."""

    part: "Node"
    fewest: int
    most: int | None


Node = Character | Start | End | Sequence | Choice | Repeat


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the ranges sorted, with overlapping and adjacent ones joined."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def complement(ranges: Ranges) -> Ranges:
    """Return the code points that are in none of the sorted ``ranges``."""
    result: list[tuple[int, int]] = []
    following = 0
    for first, last in ranges:
        if first > following:
            result.append((following, first - 1))
        following = last + 1
    if following <= LAST_CODE_POINT:
        result.append((following, LAST_CODE_POINT))
    return tuple(result)
