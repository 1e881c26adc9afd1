"""What changed between two versions of a record, in the shape that webhook receivers read.

The result maps a path to a change:

- ``{"old": …, "new": …}``: the field has another value. A side that did not exist is left out,
  so an added field has only ``new``, a removed one only ``old``, and null remains a value.
- ``{"added": […], "removed": […]}``: a list gained or lost elements. A list of plain values is
  compared as a bag, whatever its order; a list with objects or lists in it is reported this way
  only when whole elements came, or only when whole elements went, and the rest kept its order.
  Every other change of a list, a mere reordering included, is given as ``old`` and ``new``.

Objects are compared field by field at any depth, and their paths are dotted (``address.city``),
so a receiver asks for the one field it cares about without walking a tree.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TypedDict

from core.strict_json import identity
from core.types import Json
from core.validation.paths import path_text


class Change(TypedDict, total=False):
    """One changed field: either ``old`` and ``new``, or ``added`` and ``removed``."""

    old: Json
    new: Json
    added: list[Json]
    removed: list[Json]


def diff(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Change]:
    """Return the changes that lead from ``old`` to ``new``, by path; empty when they are equal.

    Fields come in the order of ``old``, added ones last. Values are compared as JSON compares
    them: ``1`` equals ``1.0``, and ``1`` is not ``true``.
    """
    changes: dict[str, Change] = {}
    _compare((), old, new, changes)
    return changes


def _compare(
    location: tuple[str, ...],
    old: Mapping[str, Json],
    new: Mapping[str, Json],
    changes: dict[str, Change],
) -> None:
    for key in (*old, *(key for key in new if key not in old)):
        here = (*location, key)
        if key not in new:
            changes[path_text(here)] = {"old": old[key]}
        elif key not in old:
            changes[path_text(here)] = {"new": new[key]}
        else:
            _compare_values(here, old[key], new[key], changes)


def _compare_values(
    location: tuple[str, ...], old: Json, new: Json, changes: dict[str, Change]
) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        _compare(location, old, new, changes)
    elif identity(old) == identity(new):
        return
    elif isinstance(old, list) and isinstance(new, list):
        changes[path_text(location)] = _list_change(old, new)
    else:
        changes[path_text(location)] = {"old": old, "new": new}


def _list_change(old: list[Json], new: list[Json]) -> Change:
    added, removed = _surplus(new, old), _surplus(old, new)
    plain = not any(isinstance(element, dict | list) for element in (*old, *new))
    if (added or removed) and (plain or _contains_in_order(old, new)):
        return {"added": added, "removed": removed}
    return {"old": old, "new": new}


def _surplus(these: list[Json], those: list[Json]) -> list[Json]:
    """Return the elements of ``these`` beyond what ``those`` holds of each, in their order."""
    held = Counter(identity(element) for element in those)
    surplus: list[Json] = []
    for element in these:
        key = identity(element)
        if held[key]:
            held[key] -= 1
        else:
            surplus.append(element)
    return surplus


def _contains_in_order(one: list[Json], other: list[Json]) -> bool:
    """Whether one list is the other with whole elements taken out."""
    shorter, longer = sorted((one, other), key=len)
    remaining = iter([identity(element) for element in longer])
    return all(identity(element) in remaining for element in shorter)
