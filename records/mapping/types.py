"""What crosses the border of mappings."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.types import Json


class Kind(StrEnum):
    """The types that a field can have."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one field is made: of what stands at ``path``, or of what ``expression`` gives.

    ``default`` takes the place of nothing. Where there is no default either, a ``required`` field
    is a problem.
    """

    field: str
    path: str = ""
    expression: str = ""
    kind: Kind = Kind.TEXT
    required: bool = False
    default: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to correct in a mapping.

    ``index`` counts the rules from 0 and is None for the mapping as a whole; ``key`` is the part of
    the rule. ``line`` and ``column`` count from 1 and are 0 where there is no such place.
    """

    index: int | None
    key: str
    message: str
    line: int = 0
    column: int = 0

    @property
    def path(self) -> str:
        """Where it stands in the list of rules: ``[2].expression``."""
        place = "" if self.index is None else f"[{self.index}]"
        return f"{place}.{self.key}" if place and self.key else place

    def __str__(self) -> str:
        where = f" (line {self.line}, column {self.column})" if self.line else ""
        named = f"{self.key}: " if self.key else ""
        counted = "" if self.index is None else f"Rule {self.index + 1}, "
        return f"{counted}{named}{self.message}{where}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a field was left out; names kinds of values, never a value."""

    field: str
    message: str


class Mapped(NamedTuple):
    """The fields that have a value, and those that should have one and could not be made.

    It is made for every user of every event, and a tuple is made in a third of the time.
    """

    values: dict[str, Json]
    problems: tuple[Problem, ...] = ()
