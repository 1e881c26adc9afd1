"""Calendar dates and moments: how texts and numbers become them, and arithmetic on them."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from core.expressions.context import RefusedError
from core.expressions.values import describe, is_number
from core.types import Json

# A calendar date, or a moment; the latter is naive when its text names no offset from UTC.
Moment = date | datetime

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_UNITS_OF_TIME: Final = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
}
_UNITS_OF_DAYS: Final = {"days": 1, "weeks": 7}
_UNITS_OF_MONTHS: Final = {"months": 1, "years": 12}
UNITS: Final = (*_UNITS_OF_TIME, *_UNITS_OF_DAYS, *_UNITS_OF_MONTHS)

_OUT_OF_RANGE: Final = "leaves the years 1 to 9999"


def parse_moment(value: Json) -> Moment:
    """Read an ISO 8601 date or moment, or seconds since 1970 (UTC).

    Raises RefusedError for anything else; texts must be in the profile of RFC 3339, section 5.6,
    where seconds and the offset may be left out.
    """
    try:
        if isinstance(value, str):
            if _DATE.fullmatch(value):
                return date.fromisoformat(value)
            if _DATETIME.fullmatch(value):
                return datetime.fromisoformat(value.upper())
        elif is_number(value):
            return datetime.fromtimestamp(value, UTC)
        else:
            raise RefusedError(f"needs a date, got {describe(value)}")
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError("needs a date that exists") from error
    raise RefusedError("needs a date in ISO 8601, such as 2026-03-14 or 2026-03-14T09:30:00Z")


def localize(moment: Moment, time_zone: tzinfo) -> datetime:
    """Return the moment on the clocks of ``time_zone``; a date begins at midnight there."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min, time_zone)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=time_zone)
    try:
        return moment.astimezone(time_zone)
    except OverflowError as error:
        raise RefusedError(_OUT_OF_RANGE) from error


def in_utc(moment: Moment, time_zone: tzinfo) -> datetime:
    """Return the moment on the clocks of UTC; ``time_zone`` is where a date begins."""
    return localize(localize(moment, time_zone), UTC)


def calendar_date(moment: Moment, time_zone: tzinfo) -> date:
    """Return the day on which the moment falls in ``time_zone``."""
    return localize(moment, time_zone).date() if isinstance(moment, datetime) else moment


def write_moment(moment: Moment, time_zone: tzinfo) -> str:
    """Write a date as ``2026-03-14``, a moment in UTC as ``2026-03-14T09:30:00Z``."""
    if isinstance(moment, datetime):
        return in_utc(moment, time_zone).isoformat().replace("+00:00", "Z")
    return moment.isoformat()


def shift(moment: Moment, amount: int, unit: str, time_zone: tzinfo) -> Moment:
    """Move a moment by ``amount`` units; a date stays a date unless moved by units of time.

    Days and longer units keep the time on the clocks of ``time_zone``; the day of the month
    becomes the month's last where the month is shorter.
    """
    try:
        if unit in _UNITS_OF_TIME:
            return in_utc(moment, time_zone) + amount * _UNITS_OF_TIME[unit]
        start = calendar_date(moment, time_zone)
        if unit in _UNITS_OF_DAYS:
            day = start + timedelta(days=amount * _UNITS_OF_DAYS[unit])
        else:
            day = _shift_months(start, amount * _unit_of_months(unit))
    except (OverflowError, ValueError) as error:
        raise RefusedError(_OUT_OF_RANGE) from error
    if isinstance(moment, datetime):
        return datetime.combine(day, localize(moment, time_zone).timetz())
    return day


def difference(start: Moment, end: Moment, unit: str, time_zone: tzinfo) -> int:
    """Count the full units from ``start`` to ``end``; negative when ``end`` comes first.

    Days and longer units count calendar days in ``time_zone``, whatever the time of day.
    """
    if unit in _UNITS_OF_TIME:
        elapsed = in_utc(end, time_zone) - in_utc(start, time_zone)
        full = abs(elapsed) // _UNITS_OF_TIME[unit]
        return full if elapsed >= timedelta() else -full
    first, last = calendar_date(start, time_zone), calendar_date(end, time_zone)
    if first > last:
        return -_calendar_units(last, first, unit)
    return _calendar_units(first, last, unit)


def _calendar_units(first: date, last: date, unit: str) -> int:
    if unit in _UNITS_OF_DAYS:
        return (last - first).days // _UNITS_OF_DAYS[unit]
    months = (last.year - first.year) * 12 + last.month - first.month
    return (months - (last.day < first.day)) // _unit_of_months(unit)


def _unit_of_months(unit: str) -> int:
    if unit not in _UNITS_OF_MONTHS:
        raise RefusedError(f"needs one of these units: {', '.join(UNITS)}")
    return _UNITS_OF_MONTHS[unit]


def _shift_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
