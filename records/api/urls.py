"""URLs of the records API."""

from typing import Any

from django.urls import URLPattern, URLResolver, path

from records.api.views import AnyRecordViewSet, ChangesView, RecordTypeViewSet, RecordViewSet

ONE: dict[str, Any] = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}
LIST: dict[str, Any] = {"get": "list"}
BULK: dict[str, Any] = {"post": "bulk"}
MANY: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns: list[URLPattern | URLResolver] = [
    path("record-types", RecordTypeViewSet.as_view(MANY), name="record-type-list"),
    path("record-types/<str:slug>", RecordTypeViewSet.as_view(ONE), name="record-type-detail"),
    path("records", AnyRecordViewSet.as_view(LIST), name="all-record-list"),
    path("records/<str:type>", RecordViewSet.as_view(MANY), name="record-list"),
    path("records/<str:type>/bulk", RecordViewSet.as_view(BULK), name="record-bulk"),
    path("records/<str:type>/<str:id>", RecordViewSet.as_view(ONE), name="record-detail"),
    path("changes", ChangesView.as_view(), name="change-list"),
]
