"""What the operators compute; all raise RefusedError for kinds they do not work on."""

from collections.abc import Callable
from math import fmod
from typing import Final

from core.expressions.context import Context, RefusedError
from core.expressions.values import (
    bounded_number,
    bounded_text,
    contains,
    describe,
    is_number,
    same,
    text_of,
)
from core.types import Json

Operator = Callable[[Context, Json, Json], Json]


def add_numbers(left: float, right: float) -> int | float:
    """Add two numbers within the bounds."""
    try:
        return bounded_number(left + right)
    except OverflowError as error:
        raise _too_large() from error


def add(context: Context, left: Json, right: Json) -> Json:
    """Add two numbers, or join two values of which at least one is a text."""
    if is_number(left) and is_number(right):
        return add_numbers(left, right)
    if isinstance(left, str) or isinstance(right, str):
        return bounded_text(context, text_of(left) + text_of(right))
    raise RefusedError(
        f"'+' needs two numbers or a text, got {describe(left)} and {describe(right)}"
    )


def subtract(context: Context, left: Json, right: Json) -> Json:
    """Subtract two numbers."""
    first, second = _numbers("-", left, right)
    try:
        return bounded_number(first - second)
    except OverflowError as error:
        raise _too_large() from error


def multiply(context: Context, left: Json, right: Json) -> Json:
    """Multiply two numbers."""
    first, second = _numbers("*", left, right)
    try:
        return bounded_number(first * second)
    except OverflowError as error:
        raise _too_large() from error


def divide(context: Context, left: Json, right: Json) -> Json:
    """Divide two numbers; whole numbers that divide evenly give a whole number."""
    first, second = _numbers("/", left, right)
    _refuse_zero(second)
    if isinstance(first, int) and isinstance(second, int) and first % second == 0:
        return bounded_number(first // second)
    try:
        return bounded_number(first / second)
    except OverflowError as error:
        raise _too_large() from error


def remainder(context: Context, left: Json, right: Json) -> Json:
    """Return the remainder of a division, with the sign of the dividend as in JavaScript."""
    first, second = _numbers("%", left, right)
    _refuse_zero(second)
    if isinstance(first, int) and isinstance(second, int):
        rest = abs(first) % abs(second)
        return bounded_number(rest if first >= 0 else -rest)
    try:
        return bounded_number(fmod(first, second))
    except (OverflowError, ValueError) as error:
        raise _too_large() from error


def negate(value: Json) -> Json:
    """Change the sign of a number."""
    if not is_number(value):
        raise RefusedError(f"'-' needs a number, got {describe(value)}")
    return bounded_number(-value)


def equal(context: Context, left: Json, right: Json) -> bool:
    """Compare deeply and without coercion."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return same(context, left, right)


def unequal(context: Context, left: Json, right: Json) -> bool:
    """Contradict ``equal``."""
    return not equal(context, left, right)


def within(context: Context, wanted: Json, container: Json) -> bool:
    """Tell whether the right value contains the left one."""
    return contains(context, container, wanted)


def ordering(symbol: str, decide: Callable[[float], bool]) -> Operator:
    """Build a comparison: ``decide`` gets a negative, zero or positive number."""

    def compare(context: Context, left: Json, right: Json) -> bool:
        if is_number(left) and is_number(right):
            return decide((left > right) - (left < right))
        if isinstance(left, str) and isinstance(right, str):
            return decide((left > right) - (left < right))
        hint = "; '??' gives a value in place of null" if left is None or right is None else ""
        raise RefusedError(
            f"'{symbol}' needs two numbers or two texts,"
            f" got {describe(left)} and {describe(right)}{hint}"
        )

    return compare


def _numbers(symbol: str, left: Json, right: Json) -> tuple[int | float, int | float]:
    if is_number(left) and is_number(right):
        return left, right
    raise RefusedError(f"'{symbol}' needs two numbers, got {describe(left)} and {describe(right)}")


def _refuse_zero(divisor: float) -> None:
    if divisor == 0:
        raise RefusedError("division by zero")


def _too_large() -> RefusedError:
    return RefusedError("the result is too large for a number")


OPERATORS: Final[dict[str, Operator]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": equal,
    "!=": unequal,
    "in": within,
    "<": ordering("<", lambda order: order < 0),
    "<=": ordering("<=", lambda order: order <= 0),
    ">": ordering(">", lambda order: order > 0),
    ">=": ordering(">=", lambda order: order >= 0),
}
