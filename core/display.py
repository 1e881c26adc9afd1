"""How values look on the pages of the admin."""

import json
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

EMPTY = "—"


def pretty_json(value: Any) -> SafeString | str:
    """Return JSON laid out for reading, in the order in which it was written."""
    if value is None:
        return EMPTY
    return code(json.dumps(value, indent=2, ensure_ascii=False))


def code(text: str) -> SafeString | str:
    """Return text as it is, in a box of its own."""
    return format_html('<pre class="patchbay-code">{}</pre>', text) if text else EMPTY


def age(moment: datetime | None, now: datetime) -> SafeString | str:
    """Return how long ago ``moment`` was (or how soon it comes); the exact time is the tooltip."""
    if moment is None:
        return EMPTY
    words = _distance(moment, now)
    return format_html(
        '<time class="whitespace-nowrap" datetime="{0}" title="{0}">{1}</time>',
        moment.isoformat(timespec="milliseconds"),
        words,
    )


def _distance(moment: datetime, now: datetime) -> str:
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    if abs(seconds) < 60:
        words = f"{abs(seconds):.0f} s"
    else:
        earlier, later = sorted((moment, now))
        words = timesince(earlier, later, depth=1)
    return f"{words} ago" if seconds > 0 else f"in {words}"


def link_to(row: models.Model | None, text: str = "") -> SafeString | str:
    """Return a link to the page of ``row``, or its name alone where it has no page."""
    if row is None:
        return EMPTY
    opts = row._meta  # noqa: SLF001  # Django's API
    try:
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return text or str(row)
    return format_html('<a href="{}" class="text-link">{}</a>', url, text or str(row))


def list_url(model: type[models.Model], **lookups: str) -> str:
    """Return the address of the list of ``model``, narrowed by ``lookups``."""
    opts = model._meta  # noqa: SLF001  # Django's API
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{url}?{urlencode(lookups)}" if lookups else url
