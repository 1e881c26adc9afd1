"""What can go wrong with records, one class per thing a caller can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.types import Violation
    from records.types import BulkFailure


class RecordError(Exception):
    """Base of records' errors."""


class UnknownRecordTypeError(RecordError):
    """The tenant has no record type of this name."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no record type {slug[:100]!r}.")
        self.slug = slug


class UnknownRecordError(RecordError):
    """There is no such record of this type (any more)."""


class InvalidRecordError(RecordError):
    """The data does not fit its type; ``violations`` says where and why, by path in the data."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("The data of the record is not valid.")
        self.violations = tuple(violations)


class DuplicateKeyError(RecordError):
    """Another record of the type has the same key."""

    def __init__(self, key_field: str, key: str) -> None:
        super().__init__(f"There is a record already whose {key_field} is {key[:100]!r}.")
        self.key_field = key_field
        self.key = key


class VersionConflictError(RecordError):
    """The record is not in the version that the caller expects; ``current`` is what it is in."""

    def __init__(self, current: int) -> None:
        super().__init__(f"The record has changed: its version is now {current}.")
        self.current = current


class BulkRefusedError(RecordError):
    """Nothing of an all-or-nothing request was created, because of these records."""

    def __init__(self, failures: Sequence[BulkFailure]) -> None:
        super().__init__(f"{len(failures)} of the records cannot be created; none was.")
        self.failures = tuple(failures)


class InvalidRecordTypeError(RecordError):
    """A record type cannot be like this; ``field`` names what to correct, ``path`` where in it."""

    def __init__(self, field: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.path = path


class DuplicateRecordTypeError(RecordError):
    """The tenant has a record type of this name already."""


class RecordTypeInUseError(RecordError):
    """The record type still has records."""


class CursorExpiredError(RecordError):
    """Changes behind this place of the feed are no longer kept."""


class InvalidCursorError(RecordError):
    """The place lies beyond the end of the feed, so it was not given out for it."""
