"""Words in color, for pages of rows; in lists, ``display`` makes them."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


def badge(text: str, colors: Mapping[str, str], note: str = "") -> SafeString:
    """Return ``text`` in its color, and a note in plain words beside it."""
    context = {"text": text, "variant": colors.get(text, "info"), "note": note}
    html = render_to_string("webhooks/badge.html", context)
    return mark_safe(html)  # noqa: S308  # the template has escaped what is in it
