"""Creating records: one, or many in two statements."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core import events
from core.models import Tenant
from core.types import Actor, Json
from core.validation import MAX_WORK_TOGETHER, limited_work
from records import conformity
from records.conformity import Verdicts
from records.errors import BulkRefusedError, DuplicateKeyError, InvalidRecordError
from records.keys import key_of
from records.models import Record, RecordType
from records.services.record_types import hold
from records.services.records import told
from records.types import BulkFailure, BulkOutcome, BulkSuccess, Operation

MAX_BULK_RECORDS = 1_000


def create_record(
    tenant: Tenant,
    slug: str,
    data: Mapping[str, Json],
    *,
    actor: Actor,
    verdicts: Verdicts | None = None,
) -> Record:
    """Create a record; ``verdicts`` are of ``foresee``.

    Raises UnknownRecordTypeError, InvalidRecordError and DuplicateKeyError.
    """
    try:
        [created] = create_records(tenant, slug, [data], actor=actor, verdicts=verdicts).successes
    except BulkRefusedError as refusal:
        raise refusal.failures[0].error from refusal
    return created.record


@transaction.atomic
def create_records(
    tenant: Tenant,
    slug: str,
    items: Sequence[Mapping[str, Json]],
    *,
    actor: Actor,
    atomic: bool = True,
    verdicts: Verdicts | None = None,
) -> BulkOutcome:
    """Create many records of one type, all or (unless ``atomic``) as many as can be.

    Of two items with the same key the first one is created; ``verdicts`` are of ``foresee``. Raises UnknownRecordTypeError, and
    BulkRefusedError when ``atomic`` and any item cannot be created.
    """
    record_type = hold(tenant, slug)
    with limited_work(MAX_WORK_TOGETHER):
        drafts, failures = _drafts(record_type, items, timezone.now(), verdicts)
    if not (atomic and failures):
        duplicates = _insert(record_type, drafts)
        failures += [
            BulkFailure(index=index, error=_duplicate(drafts.pop(index))) for index in duplicates
        ]
    if atomic and failures:
        raise BulkRefusedError(failures)
    if drafts:
        events.publish_many(
            tenant,
            [told(each, Operation.CREATED, each.created_at, actor) for each in drafts.values()],
        )
    successes = [BulkSuccess(index=index, record=record) for index, record in drafts.items()]
    return BulkOutcome(successes=successes, failures=failures)


def _drafts(
    record_type: RecordType,
    items: Sequence[Mapping[str, Json]],
    now: datetime,
    verdicts: Verdicts | None,
) -> tuple[dict[int, Record], list[BulkFailure]]:
    """Return the records that may be written, by their place in ``items``, and the others."""
    drafts: dict[int, Record] = {}
    failures: list[BulkFailure] = []
    for index, item in enumerate(items):
        try:
            data = conformity.accepted(record_type, item, verdicts)
        except InvalidRecordError as error:
            failures.append(BulkFailure(index=index, error=error))
            continue
        drafts[index] = Record(
            tenant=record_type.tenant,
            type=record_type,
            key=key_of(data, record_type.key_field),
            data=data,
            created_at=now,
            updated_at=now,
        )
    return drafts, failures


def _insert(record_type: RecordType, drafts: Mapping[int, Record]) -> list[int]:
    """Write the drafts in one statement; return the places of those whose key is taken.

    The database decides which these are, also against records that others are writing just now.
    """
    if not record_type.key_field:
        Record.objects.bulk_create(drafts.values())
        return []
    Record.objects.bulk_create(drafts.values(), ignore_conflicts=True)
    ids = [record.id for record in drafts.values()]
    written = set(Record.objects.filter(id__in=ids).values_list("id", flat=True))
    return [index for index, record in drafts.items() if record.id not in written]


def _duplicate(record: Record) -> DuplicateKeyError:
    return DuplicateKeyError(record.type.key_field, record.key or "")
