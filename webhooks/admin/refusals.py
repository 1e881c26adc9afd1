"""Refusals in the admin: how many requests were turned away, why, and what one looked like."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from core.admin.decorators import display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import EMPTY, age, code, link_to
from webhooks.admin.requests import header_table
from webhooks.inbound.showing import shown_headers, shown_sample
from webhooks.models import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why requests are refused, in a few words, and what staff can do about it."""

    words: str
    advice: str


REASONS = {
    "unknown": Reason(
        words="no endpoint there",
        advice="Compare the URL that the sender calls; see whether the endpoint is switched on.",
    ),
    "ip_address": Reason(
        words="address not allowed",
        advice="Compare the address below with the allowed addresses of the endpoint. If it is that "
        "of a proxy, the installation has to name the proxy in TRUSTED_PROXIES.",
    ),
    "method": Reason(
        words="method not allowed",
        advice="Add the method to the endpoint, or correct it at the sender.",
    ),
    "header": Reason(
        words="header not as expected",
        advice="Have the sender send the header that the explanation names, or correct the expected "
        "headers of the endpoint.",
    ),
    "no_secret": Reason(
        words="no secret entered yet",
        advice="Enter the secret on the page of the endpoint.",
    ),
    "no_signature": Reason(
        words="not signed",
        advice="The sender does not sign, or in another header: enter the secret there, or choose "
        "another sender at the endpoint.",
    ),
    "malformed": Reason(
        words="signature malformed",
        advice="The signature is not written as this sender writes it: choose another sender at the "
        "endpoint, or look at the options there.",
    ),
    "wrong_signature": Reason(
        words="wrong signature",
        advice="The secrets differ, or something on the way has changed the body: enter the same "
        "secret on both sides.",
    ),
    "wrong_time": Reason(
        words="too old, or from the future",
        advice="Compare the clocks of both sides; if they are right, an old request was sent again.",
    ),
    "unusable_secret": Reason(
        words="stored secret cannot be used",
        advice="The stored secret does not fit the sender any more: replace it.",
    ),
    "too_large": Reason(
        words="larger than the endpoint takes",
        advice="It is signed: raise the largest body of the endpoint, or have the sender send less.",
    ),
    "rate_limit": Reason(
        words="too many in a minute",
        advice="They are signed: raise the requests a minute of the endpoint, or have the sender "
        "send more slowly. It was told when there is room again.",
    ),
}

TOLD = ["why", "explanation", "advice", "count", "endpoint_link", "tenant", "id"]
SAMPLED = ["sampled_at", "request_line", "sender", "header_lines", "sample"]


class ReasonFilter(DropdownFilter):  # type: ignore[misc]  # unfold is not typed
    """Why it was refused, in the words of the list."""

    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, reason.words) for name, reason in REASONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        reason = self.value()
        return queryset.filter(reason=reason) if reason in REASONS else queryset


class RefusedFilter(RecentFilter):
    """When it was refused last."""

    parameter_name = "refused"
    column = "last_at"


@admin.register(Refusal)
class RefusalAdmin(LogAdmin):
    """Requests that endpoints have refused, counted by reason and hour."""

    list_display = ["why", "where", "tenant", "count", "last"]
    list_select_related = ["tenant", "endpoint"]
    list_filter = [ReasonFilter, ("endpoint", RelatedFilter), RefusedFilter]
    linked_by = ("endpoint",)
    id_fields = ("id", "endpoint")
    search_fields = ["path__exact"]
    search_help_text = "Any id, or the whole path"
    empty_value_display = EMPTY
    fieldsets = [
        (None, {"fields": TOLD}),
        ("When", {"fields": ["first_at", "last_at"]}),
        ("One of the latest", {"fields": SAMPLED}),
    ]
    readonly_fields = [
        "why",
        "advice",
        "endpoint_link",
        "request_line",
        "sender",
        "header_lines",
        "sample",
    ]

    @display(description="reason", ordering="reason")
    def why(self, row: Refusal) -> str:
        reason = REASONS.get(row.reason)
        return reason.words if reason else row.reason

    @display(description="what to do")
    def advice(self, row: Refusal) -> str:
        reason = REASONS.get(row.reason)
        return reason.advice if reason else EMPTY

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

    @display(description="sent from")
    def sender(self, row: Refusal) -> str:
        return row.ip_address or EMPTY

    @display(description="headers")
    def header_lines(self, row: Refusal) -> Any:
        return header_table(shown_headers(row))

    @display(description="body, from its beginning")
    def sample(self, row: Refusal) -> Any:
        return code(shown_sample(row))
