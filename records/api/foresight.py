"""Checks made before a write's transaction is opened.

On SQLite a transaction keeps every other writer waiting, and an idempotency key puts the whole
handler into one. A schema can take seconds to check, so it is done before.
"""

from collections.abc import Mapping, Sequence

from core.models import Tenant
from core.types import Json
from records import conformity, services
from records.conformity import Verdicts
from records.errors import InvalidRecordError
from records.models import Record, RecordType


def of_new(tenant: Tenant, slug: str, items: Sequence[Mapping[str, Json]]) -> Verdicts | None:
    """Return what will be said of new records' data; None where there is no such type."""
    record_type = RecordType.objects.for_tenant(tenant).filter(slug=slug).first()
    return None if record_type is None else conformity.foresee(record_type, items)


def of_patch(record: Record, patch: Mapping[str, Json]) -> Verdicts | None:
    """Return what will be said of a record, changed by ``patch``; None where it cannot be."""
    try:
        merged = services.merged(record.data, patch)
    except InvalidRecordError:
        return None
    return conformity.foresee(record.type, [merged])
