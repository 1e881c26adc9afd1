"""Reading what stands at a place, also where there are several values and a field takes one.

Data are what a JSON parser makes: ``dict`` and ``list``, which are much faster to tell apart than
what merely behaves so.
"""

from typing import Any, Final

from core.expressions.context import Context, RefusedError
from core.expressions.values import COMPARISON_COST
from core.types import Json
from records.mapping.notations import Keys, Place
from records.mapping.types import Kind

MAX_ENTRIES: Final = 1_000
PRIMARY, VALUE = "primary", "value"


def read(context: Context, data: Any, place: Place, kind: Kind) -> Json:
    """Return what stands at a place; what is not there is None.

    Where the way leads through a list, a field of the type ``list`` gets what there is of every
    entry, and any other field one value: of the entry that is marked as ``primary``, or else of
    the first that has one. An entry that is an object is known by its ``value`` to a field that
    takes no objects. Raises RefusedError where there are too many entries.
    """
    if place.accepts is None:
        return follow(data, place.keys, kind)
    found = _down(data, place.keys)
    entries = found if isinstance(found, list) else [] if found is None else [found]
    context.spend(len(entries) * place.weight * COMPARISON_COST)
    return of_entries([each for each in entries if place.accepts(each)], place.then, kind)


def follow(value: Any, keys: Keys, kind: Kind) -> Json:
    """Return what stands under ``keys``; a list on the way is one of entries."""
    others = iter(keys)
    for key in others:
        if type(value) is dict:
            value = value.get(key)
        elif type(value) is list:
            return of_entries(value, (key, *others), kind)
        else:
            return None
    if type(value) is list and kind is not Kind.LIST:
        return of_entries(value, (), kind)
    found: Json = value
    return found


def of_entries(entries: list[Any], keys: Keys, kind: Kind) -> Json:
    """Return what the entries of a list have under ``keys``: all of it, or that of the main one."""
    if kind is Kind.LIST:
        _refuse_too_many(entries)
        found = [_down(entry, keys) for entry in entries]
        return [value for value in found if not _is_empty(value)] or None
    if not keys and kind is not Kind.OBJECT and any(type(entry) is dict for entry in entries):
        keys = (VALUE,)
    return main_of(entries, keys)


def main_of(entries: list[Any], keys: Keys) -> Json:
    """Return what the main one of some entries has under ``keys``."""
    if len(entries) > MAX_ENTRIES:
        _refuse_too_many(entries)
    first: Json = None
    for entry in entries:
        value: Any = entry
        for key in keys:
            value = value.get(key) if type(value) is dict else None
        if not value and _is_empty(value):
            continue
        if type(entry) is dict and entry.get(PRIMARY) is True:
            main: Json = value
            return main
        if first is None:
            first = value
    return first


def _refuse_too_many(entries: list[Any]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RefusedError(f"has more than {MAX_ENTRIES:,} values")


def _is_empty(value: Json) -> bool:
    return value is None or (not value and isinstance(value, str | list | dict))


def _down(value: Any, keys: Keys) -> Json:
    for key in keys:
        if type(value) is not dict:
            return None
        value = value.get(key)
    found: Json = value
    return found
