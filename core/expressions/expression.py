"""Compiled expressions: what the rest of the product uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

from core.expressions.compiler import compile_node
from core.expressions.context import MAX_EVALUATION_COST, Context, RefusedError, Run
from core.expressions.errors import ExpressionEvaluationError
from core.expressions.parser import parse
from core.expressions.paths import paths_read
from core.expressions.values import describe
from core.types import Json

# Compiled expressions kept; one takes some ten kilobytes.
CACHED_EXPRESSIONS: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A compiled expression; safe to share between threads.

    ``names`` are the paths it reads, as far as their keys are fixed: ``order.total``,
    ``order['ship-to']``. ``run`` computes it in a context shared with other expressions and
    raises RefusedError with an offset; everyone but the template engine calls ``evaluate``.
    """

    source: str
    names: frozenset[str]
    run: Run = field(repr=False, compare=False)

    def evaluate(
        self, scope: Mapping[str, Json], *, now: datetime, time_zone: tzinfo = UTC
    ) -> Json:
        """Compute the expression from the values of ``scope``, which it does not change.

        ``now`` is aware; ``time_zone`` is where calendar days begin and end. Raises
        ExpressionEvaluationError.
        """
        try:
            return self.run(Context(scope, now, time_zone, MAX_EVALUATION_COST))
        except RefusedError as error:
            raise ExpressionEvaluationError.at(
                error.message, self.source, error.offset or 0
            ) from None


def compile_expression(source: str) -> Expression:
    """Compile an expression; the same source gives the same object while it is cached.

    Raises ExpressionSyntaxError, which points at what it does not understand.
    """
    return _compile(source)


@lru_cache(maxsize=CACHED_EXPRESSIONS)
def _compile(source: str) -> Expression:
    node = parse(source)
    return Expression(source=source, names=frozenset(paths_read(node)), run=compile_node(node))


def matches(
    expression: Expression,
    scope: Mapping[str, Json],
    *,
    now: datetime,
    time_zone: tzinfo = UTC,
) -> bool:
    """Tell whether a filter lets the values of ``scope`` through.

    Raises ExpressionEvaluationError also when the expression gives anything but true or false.
    """
    result = expression.evaluate(scope, now=now, time_zone=time_zone)
    if isinstance(result, bool):
        return result
    raise ExpressionEvaluationError.at(
        f"a filter must give true or false, not {describe(result)}", expression.source, 0
    )
