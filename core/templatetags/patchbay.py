"""Template filters for numbers and times."""

from datetime import datetime, timedelta

from django import template
from django.utils.safestring import SafeString

from core.display import age

register = template.Library()

MOST_COUNTED = 1_000


@register.filter
def grouped(number: int) -> str:
    """Return a whole number with its digits in groups of three."""
    return f"{number:,}"


@register.filter
def at_most(number: int) -> str:
    """Return a number whose counting stopped behind 1,000."""
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


@register.filter
def span(duration: timedelta | None) -> str:
    """Return a duration in the unit that reads best."""
    if duration is None:
        return "—"
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


@register.filter
def ago(moment: datetime | None, now: datetime) -> SafeString | str:
    """Return how long ago ``moment`` was."""
    return age(moment, now)
