"""Dataclasses that cross the borders of records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.types import Json
from records.errors import DuplicateKeyError, InvalidRecordError
from records.models import Record


class Operation(StrEnum):
    """What happened to a record."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkFailure:
    """Why one record of a bulk request was not created; ``index`` counts from 0."""

    index: int
    error: InvalidRecordError | DuplicateKeyError


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSuccess:
    """One record of a bulk request that was created; ``index`` counts from 0."""

    index: int
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOutcome:
    """What became of each record of a bulk request."""

    successes: list[BulkSuccess]
    failures: list[BulkFailure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a record, as the feed tells it.

    ``data`` is the record after the change, or before it when it was deleted; None when its
    retention period is over.
    """

    position: int
    event_id: str
    type: str
    id: str
    operation: Operation
    at: datetime
    data: Mapping[str, Json] | None
    changes: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some changes in the order of the log; the next page starts behind ``position``."""

    changes: list[Change]
    position: int
    has_more: bool
