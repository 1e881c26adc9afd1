"""Changing part of a record: JSON Merge Patch (RFC 7396)."""

from collections.abc import Mapping

from core.types import Json


def merge_patch(target: Json, patch: Json) -> Json:
    """Return ``target`` with ``patch`` applied: null removes a member, objects are merged.

    Anything else, lists included, replaces what was there. (RFC 7396, section 2)
    """
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result
