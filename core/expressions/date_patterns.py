"""Writing a moment by a pattern such as ``YYYY-MM-DD HH:mm``, in English."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from core.expressions.context import RefusedError

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# A text in brackets, the same letter over and over, or anything else.
_PART = re.compile(r"\[([^\]]*)\]|([A-Za-z])\2*|[^A-Za-z]")


def _hour_of_twelve(moment: datetime) -> int:
    return (moment.hour + 11) % 12 + 1


def _offset(moment: datetime) -> str:
    written = moment.strftime("%z")
    return f"{written[:3]}:{written[3:5]}"


_FIELDS: Final[dict[str, Callable[[datetime], str]]] = {
    "YYYY": lambda moment: f"{moment.year:04}",
    "YY": lambda moment: f"{moment.year % 100:02}",
    "MMMM": lambda moment: _MONTHS[moment.month - 1],
    "MMM": lambda moment: _MONTHS[moment.month - 1][:3],
    "MM": lambda moment: f"{moment.month:02}",
    "M": lambda moment: str(moment.month),
    "DD": lambda moment: f"{moment.day:02}",
    "D": lambda moment: str(moment.day),
    "dddd": lambda moment: _DAYS[moment.weekday()],
    "ddd": lambda moment: _DAYS[moment.weekday()][:3],
    "HH": lambda moment: f"{moment.hour:02}",
    "H": lambda moment: str(moment.hour),
    "hh": lambda moment: f"{_hour_of_twelve(moment):02}",
    "h": lambda moment: str(_hour_of_twelve(moment)),
    "mm": lambda moment: f"{moment.minute:02}",
    "m": lambda moment: str(moment.minute),
    "ss": lambda moment: f"{moment.second:02}",
    "s": lambda moment: str(moment.second),
    "SSS": lambda moment: f"{moment.microsecond // 1000:03}",
    "A": lambda moment: "AM" if moment.hour < 12 else "PM",
    "a": lambda moment: "am" if moment.hour < 12 else "pm",
    "Z": _offset,
}


def write_pattern(moment: datetime, pattern: str) -> str:
    """Replace the fields of the pattern by those of the moment, which is aware.

    Text in brackets stays as it is. Raises RefusedError for letters that are no field.
    """

    def write(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        if found[2] is None:
            return found[0]
        if found[0] not in _FIELDS:
            raise RefusedError(
                f"needs a pattern of the fields {', '.join(_FIELDS)}; other letters in [brackets]"
            )
        return _FIELDS[found[0]](moment)

    return _PART.sub(write, pattern)
