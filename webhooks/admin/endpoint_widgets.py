"""Fields of an endpoint's form that change with the chosen scheme, without asking the server.

Their expressions are read by the Alpine.js of unfold, which knows every field of the form by its
name. Without scripts every field is there, and says which schemes it is for.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Option

OPTION = "option_"
# A name as a path: without accents, and hyphens for whatever is neither letter nor digit.
_AS_PATH = (
    r"((text) => (text ?? '').normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase()"
    r".replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''))"
)
# The proposal follows the name for as long as nobody has typed another path.
PROPOSED_BY_NAME = (
    "$watch('name', (now, before) => {"
    f" if (!path || path === {_AS_PATH}(before)) path = {_AS_PATH}(now) }})"
)


class SecretWidget(UnfoldAdminPasswordWidget):  # type: ignore[misc]  # not typed
    """A secret, and what to paste there for the chosen scheme, which ``scheme`` is at first."""

    scheme = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        hints = {name: scheme.hint for name, scheme in SCHEMES.items()}
        context = {
            "field": super().render(name, value, attrs, renderer),
            "hint": hints.get(self.scheme, ""),
            "chosen": of_scheme(hints),
            "schemes": SCHEMES.values(),
        }
        return render_to_string("webhooks/scheme.html", context)


class PathWidget(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """A path, and the URL that it makes.

    ``saved`` is the URL as it is so far; where there is none, the name proposes a path. ``tenants``
    are the slugs to choose from, by id, where there is no ``slug``.
    """

    start = ""
    slug = ""
    saved = ""
    tenants: Mapping[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = f"({json.dumps(self.tenants)}[tenant] ?? '…')"
        tenant = json.dumps(self.slug) if self.slug else chosen
        path = r"(path ?? '').replace(/^\/+|\/+$/g, '')"
        proposed = {} if self.saved else {"x-init": PROPOSED_BY_NAME}
        context = {
            "field": super().render(name, value, {**(attrs or {}), **proposed}, renderer),
            "url": f"{self.start}{self.slug or '…'}/{str(value or '').strip('/')}",
            "saved": json.dumps(self.saved) if self.saved else "",
            "made": f"{json.dumps(self.start)} + {tenant} + '/' + {path}",
        }
        return render_to_string("webhooks/endpoint_path.html", context)


def of_scheme(values: Mapping[str, str]) -> str:
    """Return an expression for the value of the scheme that is chosen; nothing where it has none."""
    return f"({json.dumps(values)})[scheme] ?? ''"


def placeholder(values: Mapping[str, str], scheme: str) -> dict[str, str]:
    """Return the attributes of a field that shows what is usual with the chosen scheme."""
    return {
        "placeholder": values.get(scheme, ""),
        "x-bind:placeholder": of_scheme(values),
    }


def is_chosen(names: list[str]) -> str:
    """Return an expression that is true while one of these schemes is chosen."""
    return f"{json.dumps(names)}.includes(scheme)".replace('"', "'")


def options_by_name() -> dict[str, dict[str, Option]]:
    """Return every option there is, and with it the schemes that have it, each with its own."""
    found: dict[str, dict[str, Option]] = {}
    for scheme in SCHEMES.values():
        for option in scheme.options:
            found.setdefault(option.name, {})[scheme.name] = option
    return found


OPTIONS = options_by_name()


def option_field(uses: Mapping[str, Option]) -> forms.Field:
    """Return the field of an option; those that share a name share it."""
    option = next(iter(uses.values()))
    help_text = f"{option.help_text.rstrip('.')}. " if option.help_text else ""
    senders = ", ".join(SCHEMES[name].label for name in uses)
    # With scripts the field is there only for these anyway.
    only_for = format_html("<noscript>Only for {}.</noscript>", senders)
    options: dict[str, Any] = {
        "required": False,
        "label": option.label,
        "help_text": format_html("{}{}", help_text, only_for),
    }
    if option.choices:
        usual = ("", f"As usual: {option.default}")
        choices = [usual, *((choice, choice) for choice in option.choices)]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, **options)
    widget = UnfoldAdminTextInputWidget({"class": "patchbay-code", "autocomplete": "off"})
    return forms.CharField(widget=widget, **options)
