"""Each try to send something, in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator

from core.admin.decorators import display
from core.admin.filters import RecentFilter
from core.admin.staff import LogAdmin
from core.display import age, code, link_to
from webhooks.models import Attempt, Subscription


class StartedFilter(RecentFilter):
    """How long ago a try was made."""

    column = "started_at"


@admin.register(Attempt)
class AttemptAdmin(LogAdmin):
    """Each try to send something."""

    list_display = ["event", "to", "number", "result", "took", "when", "tenant"]
    list_select_related = ["tenant", "delivery__event", "delivery__subscription"]
    list_filter = [StartedFilter]
    id_fields = ("id", "delivery")
    linked_by = ("delivery",)
    search_fields = ["error_code__exact"]
    search_help_text = "Id of the attempt or delivery; code of the error"
    fields = [
        "event",
        "delivery",
        "to_link",
        "number",
        "result",
        "started_at",
        "took",
        "error",
        "answer_headers",
        "answer",
    ]
    readonly_fields = ["event", "to_link", "result", "took", "answer_headers", "answer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what deleted subscriptions have left behind, and data that no page shows."""
        deleted = Subscription.with_deleted.deleted()
        rows = super().get_queryset(request).exclude(delivery__subscription__in=deleted)
        return rows.defer(
            "delivery__event__data",
            "delivery__event__actor",
            "delivery__subscription__headers",
            "delivery__subscription__payload",
        )

    @display(description="event")
    def event(self, row: Attempt) -> str:
        return row.delivery.event.type

    @display(description="subscription")
    def to(self, row: Attempt) -> str:
        return Truncator(row.delivery.subscription.name).chars(40)

    @display(description="subscription")
    def to_link(self, row: Attempt) -> Any:
        return link_to(row.delivery.subscription)

    @display(description="result")
    def result(self, row: Attempt) -> str:
        return f"HTTP {row.status_code}" if row.status_code else row.error_code

    @display(description="took")
    def took(self, row: Attempt) -> str:
        return f"{row.duration_ms:,} ms"

    @display(description="when", ordering="id")
    def when(self, row: Attempt) -> Any:
        return age(row.started_at, timezone.now())

    @display(description="answer's headers")
    def answer_headers(self, row: Attempt) -> Any:
        return code("\n".join(f"{name}: {value}" for name, value in row.response_headers))

    @display(description="answer")
    def answer(self, row: Attempt) -> Any:
        return code(row.response_body)
