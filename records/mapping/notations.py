"""How the paths of a mapping are written, which each source of data decides for itself."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from core.expressions import ExpressionError
from core.expressions.parser import parse
from core.expressions.paths import fixed_path
from core.types import Json

Keys = tuple[str, ...]


class PlaceError(ValueError):
    """A path leads nowhere; ``column`` counts from 1 and is 0 where there is no such place."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands: under ``keys``, one in the other.

    With ``accepts`` a list is meant, and of it the entries that are accepted; ``then`` leads on
    from each of them. ``weight`` is how many comparisons it takes to accept one.
    """

    keys: Keys
    accepts: Callable[[Json], bool] | None = None
    weight: int = 1
    then: Keys = ()


def plain_place(path: str) -> Place:
    """Read a path as expressions write it: ``billing.address['zip-code']``."""
    try:
        keys = fixed_path(parse(path))
    except ExpressionError as error:
        raise PlaceError(error.message, error.column) from None
    if not keys:
        raise PlaceError("write keys joined by dots, such as billing.city")
    return Place(keys=keys)


def unchanged(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what expressions read where that is simply the data."""
    return data


def anything(names: Collection[str]) -> str:
    """Allow expressions to read whatever they name."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How rules name what they read.

    ``place`` reads a path, or raises PlaceError. ``scope`` gives what expressions may read of the
    data; ``objection`` says in a sentence which of the paths in an expression lead nowhere.
    """

    place: Callable[[str], Place] = plain_place
    scope: Callable[[Mapping[str, Json]], Mapping[str, Json]] = unchanged
    objection: Callable[[Collection[str]], str] = anything
