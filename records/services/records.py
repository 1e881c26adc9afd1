"""Changing records: each change is one transaction that validates, writes and tells.

Records are named by tenant, type and id, and read under lock, so two simultaneous changes of one
record both apply, one after the other. A caller that must not overwrite what it has not seen
passes ``expected_version``. A change that changes nothing writes nothing and is no event.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import events
from core.models import Event, Tenant
from core.types import Actor, Json
from records import conformity
from records.conformity import Verdicts
from records.diff import diff
from records.errors import DuplicateKeyError, UnknownRecordError, VersionConflictError
from records.keys import key_of
from records.merging import merge_patch
from records.models import Record, RecordType
from records.services.record_types import hold
from records.types import Operation

# The finest difference that both databases store.
TICK = timedelta(microseconds=1)


def replace_record(
    tenant: Tenant,
    slug: str,
    record_id: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    expected_version: int | None = None,
    verdicts: Verdicts | None = None,
) -> Record:
    """Give a record new data as a whole; ``verdicts`` are of ``foresee``.

    Raises UnknownRecordTypeError, UnknownRecordError, VersionConflictError, InvalidRecordError
    and DuplicateKeyError.
    """
    return _change(
        tenant,
        slug,
        record_id,
        lambda old: data,
        actor=actor,
        expected_version=expected_version,
        verdicts=verdicts,
    )


def merge_record(
    tenant: Tenant,
    slug: str,
    record_id: str,
    patch: Mapping[str, Json],
    *,
    actor: Actor,
    expected_version: int | None = None,
    verdicts: Verdicts | None = None,
) -> Record:
    """Change a part of a record's data by a JSON Merge Patch (RFC 7396): null removes a field.

    Raises what ``replace_record`` raises; what must be valid is the result.
    """
    return _change(
        tenant,
        slug,
        record_id,
        lambda old: merged(old, patch),
        actor=actor,
        expected_version=expected_version,
        verdicts=verdicts,
    )


def merged(data: Mapping[str, Json], patch: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a record's ``data`` becomes by ``patch``; raise InvalidRecordError for no JSON."""
    return cast("Mapping[str, Json]", merge_patch(data, conformity.plain(patch)))


@transaction.atomic
def delete_record(
    tenant: Tenant,
    slug: str,
    record_id: str,
    *,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Delete a record for good; its last data goes out with the event.

    Raises UnknownRecordTypeError, UnknownRecordError and VersionConflictError.
    """
    record = _lock(hold(tenant, slug), record_id, expected_version)
    moment = _moment_after(record.updated_at)
    events.publish_many(tenant, [told(record, Operation.DELETED, moment, actor)])
    Record.objects.filter(id=record.id).delete()


def told(
    record: Record,
    operation: Operation,
    occurred_at: datetime,
    actor: Actor,
    changes: Mapping[str, Json] | None = None,
) -> Event:
    """Return the event, not yet written, that tells of a change: ``order.updated``."""
    data: dict[str, Json] = {"id": record.id, **record.data}
    if changes is not None:
        data["changes"] = changes
    slug = record.type.slug
    return events.draft(
        record.tenant,
        f"{slug}.{operation}",
        data,
        actor=actor,
        occurred_at=occurred_at,
        entity_id=record.id,
        record_type=slug,
    )


@transaction.atomic
def _change(
    tenant: Tenant,
    slug: str,
    record_id: str,
    change: Callable[[Mapping[str, Json]], Mapping[str, Json]],
    *,
    actor: Actor,
    expected_version: int | None,
    verdicts: Verdicts | None,
) -> Record:
    record_type = hold(tenant, slug)
    record = _lock(record_type, record_id, expected_version)
    data = conformity.accepted(record_type, change(record.data), verdicts)
    changes = diff(record.data, data)
    if not changes:
        return record
    _write(record, data)
    event = told(
        record, Operation.UPDATED, record.updated_at, actor, cast("Mapping[str, Json]", changes)
    )
    events.publish_many(tenant, [event])
    return record


def _lock(record_type: RecordType, record_id: str, expected_version: int | None) -> Record:
    """Return a record that stays as it is until the transaction ends."""
    try:
        record = Record.objects.of_type(record_type).locked(record_id)
    except ValidationError:
        record = None
    if record is None:
        raise UnknownRecordError(f"There is no {record_type.slug} {record_id[:100]!r}.")
    if expected_version is not None and record.version != expected_version:
        raise VersionConflictError(record.version)
    record.tenant, record.type = record_type.tenant, record_type
    return record


def _write(record: Record, data: Mapping[str, Json]) -> None:
    """Store the next version, unless somebody who ignored the lock was faster."""
    key = key_of(data, record.type.key_field)
    values = {
        "data": data,
        "key": key,
        "version": record.version + 1,
        "updated_at": _moment_after(record.updated_at),
    }
    try:
        with transaction.atomic():
            written = Record.objects.filter(id=record.id, version=record.version).update(**values)
    except IntegrityError as error:
        raise DuplicateKeyError(record.type.key_field, key or "") from error
    if not written:
        raise VersionConflictError(Record.objects.get(id=record.id).version)
    for name, value in values.items():
        setattr(record, name, value)


def _moment_after(previous: datetime) -> datetime:
    """Return now, or the moment after ``previous`` where a clock has been put back."""
    return max(timezone.now(), previous + TICK)
