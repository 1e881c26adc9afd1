"""Refusals in the admin: how many requests were turned away, why, and what one looked like."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from core.admin.decorators import display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import age, code, link_to
from webhooks.admin.requests import header_table
from webhooks.inbound.showing import shown_headers, shown_sample
from webhooks.models import Refusal

REASONS = {
    "unknown": "no endpoint there",
    "ip_address": "address not allowed",
    "method": "method not allowed",
    "header": "header not as expected",
    "no_secret": "no secret entered yet",
    "no_signature": "not signed",
    "malformed": "signature malformed",
    "wrong_signature": "wrong signature",
    "wrong_time": "too old, or from the future",
    "unusable_secret": "stored secret cannot be used",
    "too_large": "larger than the endpoint takes",
    "rate_limit": "too many in a minute",
}


class RefusedFilter(RecentFilter):
    """When it was refused last."""

    parameter_name = "refused"
    column = "last_at"


@admin.register(Refusal)
class RefusalAdmin(LogAdmin):
    """Requests that endpoints have refused, counted by reason and hour."""

    list_display = ["why", "where", "tenant", "count", "last"]
    list_select_related = ["tenant", "endpoint"]
    list_filter = [("endpoint", RelatedFilter), RefusedFilter]
    linked_by = ("endpoint", "reason")
    id_fields = ("id", "endpoint")
    search_fields = ["reason__exact", "path__exact"]
    search_help_text = "Id of the endpoint, code of the reason, or the whole path"
    fieldsets = [
        (None, {"fields": ["why", "explanation", "count", "endpoint_link", "tenant", "id"]}),
        ("When", {"fields": ["first_at", "last_at"]}),
        ("The first of them", {"fields": ["request_line", "ip_address", "header_lines", "sample"]}),
    ]
    readonly_fields = ["why", "endpoint_link", "request_line", "header_lines", "sample"]

    @display(description="reason", ordering="reason")
    def why(self, row: Refusal) -> str:
        return REASONS.get(row.reason, row.reason)

    @display(description="endpoint")
    def where(self, row: Refusal) -> str:
        return row.endpoint.name if row.endpoint else row.path

    @display(description="last", ordering="hour")
    def last(self, row: Refusal) -> Any:
        return age(row.last_at, timezone.now())

    @display(description="endpoint")
    def endpoint_link(self, row: Refusal) -> Any:
        return link_to(row.endpoint)

    @display(description="request")
    def request_line(self, row: Refusal) -> Any:
        return code(f"{row.method} {row.path}")

    @display(description="headers")
    def header_lines(self, row: Refusal) -> Any:
        return header_table(shown_headers(row))

    @display(description="body, from its beginning")
    def sample(self, row: Refusal) -> Any:
        return code(shown_sample(row))
