"""Views of the records API."""

from records.api.views.changes import ChangesView
from records.api.views.record_types import RecordTypeViewSet
from records.api.views.records import AnyRecordViewSet, RecordViewSet

__all__ = ["AnyRecordViewSet", "ChangesView", "RecordTypeViewSet", "RecordViewSet"]
