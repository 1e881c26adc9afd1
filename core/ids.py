"""Identifiers: a prefix that names the kind, then a UUIDv7, so ids sort by the time they were made.

On the wire an id is text, ``evt_01jd3k8x5rf0bv6zq2n9y4t7hm``: the prefix and the 128 bits in
Crockford's base 32 (26 characters). In the database it is a plain UUID.
"""

import re
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from uuid_utils.compat import uuid7

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SUFFIX_LENGTH = 26

# Python reads base 32 with other letters; ids are written two digits at a time.
_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_SUFFIX = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_SHIFTS = tuple(range(120, -1, -10))


def new_id(prefix: str) -> str:
    """Return a fresh id; later calls in one process sort after earlier ones."""
    return encode(prefix, uuid7())


def encode(prefix: str, value: UUID) -> str:
    """Return ``value`` as the id that users see."""
    number = value.int
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


@lru_cache(maxsize=4_096)
def decode(prefix: str, text: str) -> UUID:
    """Return the UUID behind ``text``.

    Raises ValueError unless ``text`` is exactly what ``encode`` gives for ``prefix``.
    """
    head, separator, suffix = text.rpartition("_")
    if head != prefix or not separator or not _SUFFIX.fullmatch(suffix):
        raise ValueError(
            f"an id of this kind looks like {prefix}_… with {SUFFIX_LENGTH} digits and small"
            " letters, without i, l, o and u"
        )
    return UUID(int=int(suffix.translate(_DIGITS), 32))


class PrefixedIdField(models.UUIDField[Any, Any]):
    """A UUID column whose Python value is the prefixed text.

    Raises ValidationError for text that is not an id of this kind, so that a lookup by a
    malformed or foreign id answers "not found" instead of failing.
    """

    description = "Prefixed, sortable identifier"

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        options.setdefault("editable", False)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, arguments, options = super().deconstruct()
        options["prefix"] = self.prefix
        return name, path, arguments, options

    def get_default(self) -> str:
        return new_id(self.prefix)

    def has_default(self) -> bool:
        return True

    def to_python(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, UUID):
            return encode(self.prefix, value)
        try:
            return encode(self.prefix, decode(self.prefix, str(value)))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid_id") from error

    def from_db_value(
        self, value: UUID | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> str | None:
        return None if value is None else encode(self.prefix, value)

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if isinstance(value, str):
            try:
                value = decode(self.prefix, value)
            except ValueError as error:
                raise ValidationError(str(error), code="invalid_id") from error
        return super().get_db_prep_value(value, connection, prepared)

    def formfield(self, **options: Any) -> Any:
        return models.CharField.formfield(self, **options)
