"""The log of API calls in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from core.admin.decorators import display
from core.admin.filters import RecentFilter
from core.admin.staff import LogAdmin
from core.display import age
from monitoring.models import ApiCall

CALLS_SEARCHED = 2_000


class StatusClassFilter(DropdownFilter):  # type: ignore[misc]  # unfold is not typed
    """Answers by the first digit of their status."""

    title = "status"
    parameter_name = "status"
    CLASSES = (
        ("2", "2xx, done"),
        ("3", "3xx, elsewhere"),
        ("4", "4xx, refused"),
        ("5", "5xx, our fault"),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.CLASSES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.CLASSES):
            return queryset
        first = int(self.value()) * 100
        return queryset.filter(status_code__gte=first, status_code__lt=first + 100)


class MethodFilter(DropdownFilter):  # type: ignore[misc]
    """Requests by method."""

    title = "method"
    parameter_name = "method"
    METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(method, method) for method in self.METHODS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(method=self.value()) if self.value() else queryset


class RouteFilter(DropdownFilter):  # type: ignore[misc]
    """Requests by route; offers those of the latest calls, so that no list is read as a whole."""

    title = "route"
    parameter_name = "route"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        latest = model_admin.get_queryset(request).order_by("-id")
        routes = set(latest.values_list("route", flat=True)[:CALLS_SEARCHED])
        return [(route, route) for route in sorted(routes) if route]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(route=self.value()) if self.value() else queryset


@admin.register(ApiCall)
class ApiCallAdmin(LogAdmin):
    """Every request to the API, without its body."""

    list_display = ["method", "path", "status", "took", "tenant", "credential_id", "when"]
    list_display_links = ["path"]
    list_select_related = ["tenant"]
    list_filter = [StatusClassFilter, MethodFilter, RouteFilter, RecentFilter]
    linked_by = ("credential_id", "request_id", "status_code")
    search_fields = ["path__startswith", "request_id__exact", "credential_id__exact"]
    search_help_text = "Id, start of the path, request id or id of the credential"
    fieldsets = [
        (None, {"fields": ["method", "path", "route", "status_code", "duration_ms", "created_at"]}),
        (
            "Who",
            {"fields": ["tenant", "credential_kind", "credential_id", "ip_address", "request_id"]},
        ),
    ]

    @display(
        description="status",
        ordering="status_code",
        label={"done": "success", "elsewhere": "info", "refused": "warning", "fault": "danger"},
    )
    def status(self, row: ApiCall) -> tuple[str, str]:
        kinds = {2: "done", 3: "elsewhere", 4: "refused"}
        return kinds.get(row.status_code // 100, "fault"), str(row.status_code)

    @display(description="took (ms)", ordering="duration_ms")
    def took(self, row: ApiCall) -> int:
        return row.duration_ms

    @display(description="when", ordering="id")
    def when(self, row: ApiCall) -> Any:
        return age(row.created_at, timezone.now())
