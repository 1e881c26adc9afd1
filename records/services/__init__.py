"""Changes to records and record types, for the API, the admin, scripts and synchronizations."""

from records.services.bulk import MAX_BULK_RECORDS, create_record, create_records
from records.services.record_types import (
    create_record_type,
    delete_record_type,
    update_record_type,
)
from records.services.records import delete_record, merge_record, merged, replace_record

__all__ = [
    "MAX_BULK_RECORDS",
    "create_record",
    "create_record_type",
    "create_records",
    "delete_record",
    "delete_record_type",
    "merge_record",
    "merged",
    "replace_record",
    "update_record_type",
]
