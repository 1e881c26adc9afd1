"""Functions on numbers."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as DecimalContext
from math import ceil as ceiling
from math import floor as flooring
from typing import Any, Final

from core.expressions.context import Context, RefusedError
from core.expressions.kinds import INTEGER, LIST_OR_NULL, NUMBER, TEXT
from core.expressions.operators import add_numbers
from core.expressions.registry import Parameter, function
from core.expressions.values import bounded_number, describe, is_list, is_number, member
from core.types import Json

MAX_DIGITS: Final = 15
# Digits enough for any number that round() has to look at.
_EXACT: Final = DecimalContext(prec=60)


@function(
    "round",
    Parameter(name="number", kind=NUMBER),
    Parameter(name="digits", kind=INTEGER, optional=True),
)
def round_number(number: float, digits: int = 0) -> float:
    """Round to a number of decimal digits, halves away from zero, as on paper."""
    if not 0 <= digits <= MAX_DIGITS:
        raise RefusedError(f"needs 0 to {MAX_DIGITS} digits")
    if isinstance(number, int):
        return bounded_number(number)
    # repr() is the decimal number that was written or computed; its binary form is a hair off.
    written = Decimal(repr(bounded_number(number)))
    if written.adjusted() > MAX_DIGITS:
        return bounded_number(number if digits else int(written))
    rounded = written.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _EXACT)
    # Adding zero takes the sign from a negative zero.
    return bounded_number(float(rounded) + 0.0 if digits else int(rounded))


@function("floor", Parameter(name="number", kind=NUMBER))
def floor(number: float) -> int | float:
    """Return the nearest whole number that is not greater."""
    return bounded_number(flooring(bounded_number(number)))


@function("ceil", Parameter(name="number", kind=NUMBER))
def ceil(number: float) -> int | float:
    """Return the nearest whole number that is not less."""
    return bounded_number(ceiling(bounded_number(number)))


@function("abs", Parameter(name="number", kind=NUMBER))
def absolute(number: float) -> int | float:
    """Return the number without its sign."""
    return bounded_number(abs(number))


@function(
    "min",
    Parameter(name="value"),
    Parameter(name="other", optional=True, repeated=True),
    takes_context=True,
)
def minimum(context: Context, *values: Json) -> Json:
    """Return the least of several values, or of one list; null is skipped."""
    return _extreme(context, values, min)


@function(
    "max",
    Parameter(name="value"),
    Parameter(name="other", optional=True, repeated=True),
    takes_context=True,
)
def maximum(context: Context, *values: Json) -> Json:
    """Return the greatest of several values, or of one list; null is skipped."""
    return _extreme(context, values, max)


def _extreme(context: Context, values: Sequence[Json], pick: Callable[[list[Any]], Json]) -> Json:
    if len(values) == 1:
        only = values[0]
        if only is not None and not is_list(only):
            raise RefusedError(f"needs a list or several values, got {describe(only)}")
        values = only or ()
    context.spend(len(values))
    present = [value for value in values if value is not None]
    if all(is_number(value) for value in present) or all(
        isinstance(value, str) for value in present
    ):
        return pick(present) if present else None
    raise RefusedError("needs numbers only or texts only")


@function(
    "sum",
    Parameter(name="list", kind=LIST_OR_NULL),
    Parameter(name="key", kind=TEXT, optional=True),
)
def total(items: Sequence[Json], key: str | None = None) -> int | float:
    """Add up the numbers of a list, or those under a key of its objects; null is skipped."""
    result: int | float = 0
    for item in items:
        value = item if key is None else member(item, key)
        if value is None:
            continue
        if not is_number(value):
            raise RefusedError(f"needs numbers in the list, got {describe(value)}")
        result = add_numbers(result, value)
    return result
