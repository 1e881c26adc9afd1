"""Functions on dates and moments. Calendar days are those of the evaluation's time zone."""

from datetime import UTC

from core.expressions import moments
from core.expressions.context import Context, RefusedError
from core.expressions.date_patterns import write_pattern
from core.expressions.kinds import INTEGER, MOMENT, TEXT
from core.expressions.moments import Moment
from core.expressions.registry import Parameter, function


@function("now", takes_context=True)
def now(context: Context) -> str:
    """Return the moment of the evaluation, in UTC."""
    return moments.write_moment(context.now, UTC)


@function("date", Parameter(name="value", kind=MOMENT), takes_context=True)
def date(context: Context, value: Moment) -> str:
    """Return the calendar day on which a moment falls."""
    return moments.calendar_date(value, context.time_zone).isoformat()


@function(
    "format_date",
    Parameter(name="value", kind=MOMENT),
    Parameter(name="pattern", kind=TEXT),
    takes_context=True,
)
def format_date(context: Context, value: Moment, pattern: str) -> str:
    """Write a moment as the pattern says, on the clocks of the time zone."""
    return write_pattern(moments.localize(value, context.time_zone), pattern)


@function(
    "date_add",
    Parameter(name="value", kind=MOMENT),
    Parameter(name="amount", kind=INTEGER),
    Parameter(name="unit", kind=TEXT),
    takes_context=True,
)
def date_add(context: Context, value: Moment, amount: int, unit: str) -> str:
    """Move a date or moment by an amount of a unit; a negative amount goes back."""
    moved = moments.shift(value, amount, unit, context.time_zone)
    return moments.write_moment(moved, context.time_zone)


@function(
    "date_diff",
    Parameter(name="start", kind=MOMENT),
    Parameter(name="end", kind=MOMENT),
    Parameter(name="unit", kind=TEXT),
    takes_context=True,
)
def date_diff(context: Context, start: Moment, end: Moment, unit: str) -> int:
    """Count the full units between two dates or moments."""
    return moments.difference(start, end, unit, context.time_zone)


@function(
    "calculate_age",
    Parameter(name="birth_date", kind=MOMENT),
    Parameter(name="on", kind=MOMENT, optional=True),
    takes_context=True,
)
def calculate_age(context: Context, birth_date: Moment, on: Moment | None = None) -> int:
    """Count the full years since birth; who was born on 29 February ages on 1 March."""
    day = context.now if on is None else on
    age = moments.difference(birth_date, day, "years", context.time_zone)
    born = moments.calendar_date(birth_date, context.time_zone)
    if born > moments.calendar_date(day, context.time_zone):
        raise RefusedError("needs a date of birth that is not in the future")
    return age


@function("unix_time", Parameter(name="value", kind=MOMENT), takes_context=True)
def unix_time(context: Context, value: Moment) -> int:
    """Count the full seconds from 1970 (UTC) to a moment."""
    return int(moments.in_utc(value, context.time_zone).timestamp() // 1)
