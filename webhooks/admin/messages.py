"""Messages in the admin: inspected, and made into events once more."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import EMPTY, age, code, link_to, pretty_json
from core.models import Tenant
from webhooks import services
from webhooks.errors import NotReplayableError
from webhooks.inbound import contents
from webhooks.inbound.showing import shown_body
from webhooks.models import Message

COLORS = {"processed": "success", "received": "warning", "failed": "danger"}
# Each is a field of the form that asks; Django takes 1,000, and some are not messages.
MOST_CHOSEN = 900
SHOWN_BYTES, SHOWN_BINARY_BYTES = 100_000, 512


class ReceivedFilter(RecentFilter):
    """When it was received."""

    parameter_name = "received"
    column = "received_at"


@admin.register(Message)
class MessageAdmin(LogAdmin):
    """What endpoints have received."""

    list_display = ["kind", "at", "tenant", "standing", "size", "repeats", "came"]
    list_select_related = ["tenant", "endpoint"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("endpoint", RelatedFilter),
        ReceivedFilter,
    ]
    linked_by = ("endpoint", "state")
    id_fields = ("id", "endpoint", "event")
    search_fields = ["key__exact", "event_type__startswith"]
    search_help_text = "Any id, the key of the message, or the start of the event type"
    fieldsets = [
        (None, {"fields": ["standing", "error", "endpoint_link", "event_link", "tenant", "id"]}),
        ("Why it was believed", {"fields": ["trace_lines", "ip_address", "key", "repeats"]}),
        ("Request", {"fields": ["request_line", "header_lines", "size", "pretty_body"]}),
        ("Answer", {"fields": ["told"]}),
        ("Times", {"fields": ["received_at", "repeated_at", "due_at", "processed_at"]}),
    ]
    readonly_fields = [
        "standing",
        "endpoint_link",
        "event_link",
        "trace_lines",
        "request_line",
        "header_lines",
        "pretty_body",
        "told",
    ]
    actions = ["replay_chosen"]
    actions_row = ["replay"]
    actions_detail = ["replay"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the bodies of a list, and the secrets of endpoints, in the database."""
        rows = super().get_queryset(request)
        listing = request.resolver_match and str(request.resolver_match.url_name).endswith("list")
        deferred = ["endpoint__expected_headers", "endpoint__options"]
        return rows.defer(*deferred, *(["body", "headers"] if listing else []))

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may have messages become events again."""
        return request.user.has_perm("webhooks.change_message")

    # --- columns -------------------------------------------------------------------------------
    @display(description="event", ordering="id")
    def kind(self, row: Message) -> str:
        return row.event_type or f"inbound.{row.endpoint.slug}"

    @display(description="endpoint")
    def at(self, row: Message) -> str:
        return row.endpoint.name

    @display(description="state", ordering="state", label=COLORS)
    def standing(self, row: Message) -> str:
        return str(row.state)

    @display(description="received", ordering="id")
    def came(self, row: Message) -> Any:
        return age(row.received_at, timezone.now())

    @display(description="endpoint")
    def endpoint_link(self, row: Message) -> Any:
        return link_to(row.endpoint)

    @display(description="event")
    def event_link(self, row: Message) -> Any:
        return link_to(row.event) if row.event_id else EMPTY

    @display(description="trace")
    def trace_lines(self, row: Message) -> Any:
        return format_html_join("", "<p>{}</p>", ((line,) for line in row.trace))

    @display(description="request")
    def request_line(self, row: Message) -> Any:
        query = f"?{row.query}" if row.query else ""
        return code(f"{row.method} /in/{row.tenant.slug}/{row.endpoint.path}{query}")

    @display(description="headers")
    def header_lines(self, row: Message) -> Any:
        return code("\n".join(f"{name}: {value}" for name, value in row.headers))

    @display(description="body")
    def pretty_body(self, row: Message) -> Any:
        body = shown_body(row)
        if body is None:
            return "erased"
        if len(body) > SHOWN_BYTES:
            shown = code(body[:SHOWN_BYTES].decode("utf-8", "replace"))
            return format_html_join("", "{}", ((shown,), (f"… of {len(body):,} bytes",)))
        content = contents.read(dict(row.headers), body)
        if content.format in {"json", "form"}:
            return pretty_json(content.value)
        if content.format == "base64":
            return code(f"{body[:SHOWN_BINARY_BYTES].hex(' ')}\n({len(body):,} bytes)")
        return code(str(content.value or ""))

    @display(description="answer")
    def told(self, row: Message) -> Any:
        return code(
            f"{row.answer['status_code']} {row.answer['content_type']}\n{row.answer['body']}"
        )

    # --- changes -------------------------------------------------------------------------------
    @action(description="Replay", url_path="replay", permissions=["replay"], icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have a message become an event again."""
        message = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                message,
                title="Replay this message?",
                text="It becomes an event once more, and whoever reacts to such events does so again.",
                button="Replay",
            )
        try:
            services.replay_message(message, actor=actor_of(request))
        except NotReplayableError as error:
            return self.back_to(request, message, str(error), messages.ERROR)
        return self.back_to(request, message, "The message becomes an event again.")

    @admin.action(description="Replay the chosen ones", permissions=["replay"])
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Have those that were ticked become events again."""
        chosen: dict[str, list[str]] = {}
        for key, tenant in queryset.values_list("pk", "tenant")[:MOST_CHOSEN]:
            chosen.setdefault(tenant, []).append(key)
        total = sum(
            services.replay_messages(tenant, chosen[tenant.pk], actor=actor_of(request))
            for tenant in Tenant.objects.filter(pk__in=chosen)
        )
        text = "1 message becomes an event" if total == 1 else f"{total} messages become events"
        self.message_user(request, f"{text} again.", messages.SUCCESS)
