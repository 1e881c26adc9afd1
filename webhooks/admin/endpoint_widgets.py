"""Fields of an endpoint's form that change with the chosen scheme, without asking the server.

Their expressions are read by the Alpine.js of unfold, which knows every field of the form by its
name. Without scripts every field is there, and says which schemes it is for.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Option

OPTION = "option_"


class SchemeWidget(UnfoldAdminSelectWidget):  # type: ignore[misc]  # not typed
    """The schemes to choose from, and what to paste as the secret of the chosen one."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        hints = {name: scheme.hint for name, scheme in SCHEMES.items()}
        context = {
            "field": super().render(name, value, attrs, renderer),
            "hint": hints.get(str(value), ""),
            "chosen": of_scheme(hints),
            "schemes": SCHEMES.values(),
        }
        return render_to_string("webhooks/scheme.html", context)


class PathWidget(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """A path, and the URL that it makes.

    ``saved`` is the URL as it is so far. ``tenants`` are the slugs to choose from, by id, where there
    is no ``slug``.
    """

    start = ""
    slug = ""
    saved = ""
    tenants: Mapping[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = f"({json.dumps(self.tenants)}[tenant] ?? '…')"
        tenant = json.dumps(self.slug) if self.slug else chosen
        path = r"(path ?? '').replace(/^\/+|\/+$/g, '')"
        context = {
            "field": super().render(name, value, attrs, renderer),
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
    options: dict[str, Any] = {
        "required": False,
        "label": option.label,
        "help_text": f"{help_text}Only for {senders}.",
    }
    if option.choices:
        usual = ("", f"As usual: {option.default}")
        choices = [usual, *((choice, choice) for choice in option.choices)]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget, **options)
    widget = UnfoldAdminTextInputWidget({"class": "patchbay-code", "autocomplete": "off"})
    return forms.CharField(widget=widget, **options)
