"""Messages in the admin: inspected, and made into events once more."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from core.admin.decorators import display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import EMPTY, age, code, link_to
from webhooks.admin.badges import badge
from webhooks.admin.message_replays import MessageReplayViews
from webhooks.admin.requests import header_table, pretty_body
from webhooks.inbound.showing import shown_body, shown_headers
from webhooks.models import Message

COLORS = {"processed": "success", "received": "warning", "failed": "danger"}


class ReceivedFilter(RecentFilter):
    """When it was received."""

    parameter_name = "received"
    column = "received_at"


@admin.register(Message)
class MessageAdmin(MessageReplayViews, LogAdmin):
    """What endpoints have received."""

    list_display = ["kind", "at", "tenant", "standing", "length", "repeats", "came"]
    list_select_related = ["tenant", "endpoint"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("endpoint", RelatedFilter),
        ReceivedFilter,
    ]
    linked_by = ("endpoint", "state")
    id_fields = ("id", "endpoint", "event")
    search_fields = ["key__exact", "event_type__startswith"]
    search_help_text = "Any id, key, or start of the type"
    empty_value_display = EMPTY
    fieldsets = [
        (None, {"fields": ["badge", "problem", "endpoint_link", "event_link", "tenant", "id"]}),
        ("Why it was believed", {"fields": ["trace_lines", "sender", "message_key", "repeated"]}),
        ("Request", {"fields": ["request_line", "header_lines", "length", "content"]}),
        ("Answer", {"fields": ["told"]}),
        ("Times", {"fields": ["received_at", "due_at", "processed_at"]}),
    ]
    readonly_fields = [
        "badge",
        "problem",
        "endpoint_link",
        "event_link",
        "trace_lines",
        "sender",
        "message_key",
        "repeated",
        "request_line",
        "header_lines",
        "length",
        "content",
        "told",
    ]
    actions = ["replay_chosen"]
    actions_list = ["replay_window"]
    actions_row = ["replay"]
    actions_detail = ["replay"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the bodies of a list, and the secrets of endpoints, in the database."""
        rows = super().get_queryset(request)
        listing = request.resolver_match and str(request.resolver_match.url_name).endswith("list")
        deferred = ["endpoint__expected_headers", "endpoint__options"]
        return rows.defer(*deferred, *(["body", "headers"] if listing else []))

    # --- columns -------------------------------------------------------------------------------
    @display(description="event")
    def kind(self, row: Message) -> SafeString | str:
        kind = row.event_type or f"inbound.{row.endpoint.slug}"
        if not row.sample:
            return kind
        return format_html("{}<span class='patchbay-note'>a sample, sent from here</span>", kind)

    @display(description="endpoint")
    def at(self, row: Message) -> str:
        return Truncator(row.endpoint.name).chars(40)

    @display(description="state", ordering="state", label=COLORS)
    def standing(self, row: Message) -> str:
        return str(row.state)

    @display(description="size")
    def length(self, row: Message) -> str:
        return filesizeformat(row.size)

    @display(description="received", ordering="id")
    def came(self, row: Message) -> Any:
        return age(row.received_at, timezone.now())

    # --- the page of one -----------------------------------------------------------------------
    @display(description="state")
    def badge(self, row: Message) -> SafeString:
        return badge(str(row.state), COLORS)

    @display(description="last problem")
    def problem(self, row: Message) -> str:
        return row.error or EMPTY

    @display(description="endpoint")
    def endpoint_link(self, row: Message) -> Any:
        return link_to(row.endpoint)

    @display(description="event")
    def event_link(self, row: Message) -> Any:
        if row.event is None:
            return EMPTY
        return link_to(row.event, f"{row.event.type} ({row.event_id})")

    @display(description="trace")
    def trace_lines(self, row: Message) -> Any:
        items = format_html_join("", "<li>{}</li>", ((line,) for line in row.trace))
        return format_html("<ul>{}</ul>", items)

    @display(description="sent from")
    def sender(self, row: Message) -> str:
        return "here, as a sample" if row.sample else row.ip_address or EMPTY

    @display(description="key")
    def message_key(self, row: Message) -> Any:
        return code(row.key or "")

    @display(description="repeats")
    def repeated(self, row: Message) -> Any:
        if not row.repeats:
            return "none"
        times = "once" if row.repeats == 1 else f"{row.repeats:,} times"
        last = age(row.repeated_at, timezone.now())
        return format_html("{} more, the last one {}; each was given the same answer", times, last)

    @display(description="request")
    def request_line(self, row: Message) -> Any:
        query = f"?{row.query}" if row.query else ""
        return code(f"{row.method} /in/{row.tenant.slug}/{row.endpoint.path}{query}")

    @display(description="headers")
    def header_lines(self, row: Message) -> Any:
        return header_table(shown_headers(row))

    @display(description="body")
    def content(self, row: Message) -> Any:
        body = shown_body(row)
        return "erased" if body is None else pretty_body(row.headers, body)

    @display(description="answer")
    def told(self, row: Message) -> Any:
        answer = row.answer
        body = f"\n\n{answer['body']}" if answer["body"] else ""
        return code(f"{answer['status_code']} {answer['content_type']}{body}")
