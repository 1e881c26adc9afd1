"""The words of the side bar, at the head of the pages that it leads to."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db import models
from django.template import Context
from django.urls import reverse
from django.utils.text import capfirst

from config.sidebar import GROUPS

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One step of the way to a page; ``link`` is empty where nothing is to be opened."""

    title: str
    link: str = ""


@register.simple_tag(takes_context=True)
def crumbs(context: Context) -> list[Place]:
    """Return where the page stands: group, list and row; nothing for pages of no model.

    Names of rows stay as they are: a capital would corrupt an id.
    """
    opts = context.get("opts")
    if opts is None:
        return []
    group, name = _listed(opts)
    page = f"admin:{opts.app_label}_{opts.model_name}"
    places = [Place(title=name, link=reverse(f"{page}_changelist"))]
    if group not in {"", name}:
        places.insert(0, Place(title=group))
    rows = (context.get("original"), context.get("object"))
    row = next((row for row in rows if isinstance(row, models.Model)), None)
    if row is not None:
        places.append(Place(title=str(row), link=reverse(f"{page}_change", args=[row.pk])))
    elif context.get("add"):
        places.append(Place(title=f"Add {opts.verbose_name}"))
    return places


def _listed(opts: Any) -> tuple[str, str]:
    """Return the group and the name under which the side bar lists a model."""
    for group, entries in GROUPS.items():
        for name, _, label in entries:
            if label == opts.label:
                return group, name
    return "", capfirst(str(opts.verbose_name_plural))
