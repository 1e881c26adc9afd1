"""Does data fit its record type? Everything that is asked of a record before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from typing import cast

from core import strict_json
from core.types import Json
from core.validation import (
    MAX_VIOLATIONS,
    MAX_WORK_TOGETHER,
    Violation,
    compile_schema,
    limited_work,
)
from records.errors import InvalidRecordError
from records.keys import KeyValueError, key_of
from records.models import RecordType
from records.rules import compile_rules

# Answers, events and the feed wrap a record into a few levels more; all must stay below 64.
MAX_DEPTH = 32
MAX_BYTES = 256 * 1024

# Patchbay gives them in the events of a record.
RESERVED_PROPERTIES = ("id", "changes")

ANY_OBJECT: Mapping[str, Json] = {"type": "object"}

Check = Callable[[Mapping[str, Json]], tuple[Violation, ...]]


class Verdicts:
    """What schema and rules said of data before a transaction, in which nobody shall wait for it.

    A verdict is good for exactly the definition and the data that it was found with. So a type
    that has changed in between only costs a second check.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Check, bytes], tuple[Violation, ...]] = {}

    def of(self, check: Check, data: Mapping[str, Json]) -> tuple[Violation, ...]:
        """Return what ``check`` says of ``data``, from memory if it was asked before."""
        key = (check, sha256(strict_json.dumps(data)).digest())
        if key not in self._found:
            self._found[key] = check(data)
        return self._found[key]


def foresee(record_type: RecordType, items: Iterable[Mapping[str, Json]]) -> Verdicts:
    """Return the verdicts on ``items``, for ``accepted`` to use when they are written."""
    verdicts = Verdicts()
    check = check_for(record_type)
    with limited_work(MAX_WORK_TOGETHER):
        for item in items:
            with suppress(InvalidRecordError):
                verdicts.of(check, plain(item))
    return verdicts


def accepted(
    record_type: RecordType, data: Mapping[str, Json], verdicts: Verdicts | None = None
) -> dict[str, Json]:
    """Return a copy of ``data`` as it can be stored; raise InvalidRecordError if it may not be.

    Callers may be scripts and staff as well as the API, so nothing is taken for granted.
    """
    stored = plain(data)
    if violations := _violations(record_type, stored, verdicts or Verdicts()):
        raise InvalidRecordError(violations)
    return stored


def plain(data: Mapping[str, Json]) -> dict[str, Json]:
    """Return a deep copy of ``data`` that is certainly JSON; raise InvalidRecordError if it is none."""
    try:
        raw = strict_json.dumps(data)
        value = strict_json.loads(raw, max_depth=MAX_DEPTH)
    except strict_json.StrictJsonError as error:
        raise _refusal(error.message) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _refusal(f"The data is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _refusal("The data of a record is an object.")
    if len(raw) > MAX_BYTES:
        raise _refusal(f"A record has at most {MAX_BYTES} bytes; this one has {len(raw)}.")
    return value


def _refusal(message: str) -> InvalidRecordError:
    return InvalidRecordError([Violation(path="", code="invalid", message=message[:300])])


def _violations(
    record_type: RecordType, data: Mapping[str, Json], verdicts: Verdicts
) -> tuple[Violation, ...]:
    key: tuple[Violation, ...] = ()
    try:
        key_of(data, record_type.key_field)
    except KeyValueError as error:
        key = (Violation(path=record_type.key_field, code="key", message=str(error)),)
    found = (*verdicts.of(check_for(record_type), data), *key)
    return found[:MAX_VIOLATIONS]


def check_for(record_type: RecordType) -> Check:
    """Return the compiled schema and rules of a type; they are compiled once per content."""
    return _compiled(
        record_type.slug,
        strict_json.dumps(record_type.schema or ANY_OBJECT),
        strict_json.dumps(record_type.rules),
    )


@lru_cache(maxsize=512)
def _compiled(slug: str, schema_text: bytes, rules_text: bytes) -> Check:
    schema = compile_schema(
        cast("Mapping[str, Json]", strict_json.loads(schema_text)), reserved=RESERVED_PROPERTIES
    )
    rules = compile_rules(
        cast("list[Mapping[str, Json]]", strict_json.loads(rules_text)), record_type=slug
    )
    return lambda data: (*schema.check(data), *rules.check(data))
