"""Pieces of SQL with their parameters.

SQL knows three truth values, and a filter two. A piece that is NULL counts as not true; only a
negation could tell, and ``negated`` asks for that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """A piece of SQL: a condition, or an expression for a value."""

    text: str
    parameters: tuple[Any, ...] = ()


NEVER = Sql(text="FALSE")
ALWAYS = Sql(text="TRUE")


def negated(condition: Sql) -> Sql:
    """Return what is true exactly when ``condition`` is not."""
    return Sql(text=f"({condition.text}) IS NOT TRUE", parameters=condition.parameters)


def every(conditions: Iterable[Sql]) -> Sql:
    """Return what is true when all of ``conditions`` are."""
    return _joined(" AND ", list(conditions), ALWAYS)


def some(conditions: Iterable[Sql]) -> Sql:
    """Return what is true when one of ``conditions`` is."""
    return _joined(" OR ", list(conditions), NEVER)


def _joined(word: str, conditions: list[Sql], empty: Sql) -> Sql:
    if len(conditions) < 2:
        return conditions[0] if conditions else empty
    text = word.join(f"({each.text})" for each in conditions)
    return Sql(text=text, parameters=tuple(p for each in conditions for p in each.parameters))
