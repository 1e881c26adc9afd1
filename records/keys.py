"""The key of a record: the one value that its type says is unique."""

import re
from collections.abc import Mapping

from core.types import Json

MAX_CHARACTERS = 200
FIELD = re.compile(r"[^.\[\]'\\\s]+(?:\.[^.\[\]'\\\s]+)*")


class KeyValueError(ValueError):
    """The value cannot be a key; the message says what one is."""


def key_of(data: Mapping[str, Json], key_field: str) -> str | None:
    """Return the key of a record, None when the type has no key field or the record no value.

    ``key_field`` is a name, or names joined by dots that lead through objects. Raises
    KeyValueError for a value that is neither short text nor a whole number.
    """
    if not key_field:
        return None
    value: Json = data
    for name in key_field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CHARACTERS:
        raise KeyValueError(
            f"must be text of 1 to {MAX_CHARACTERS} characters or a whole number, to be the key"
        )
    return value
