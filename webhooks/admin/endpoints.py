"""Endpoints in the admin: set one up, give its URL and secret to the sender, try it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.contrib.filters.admin import BooleanRadioFilter

from core.admin.actors import actor_of
from core.admin.decorators import display
from core.admin.staff import ServiceAdmin
from core.display import EMPTY, code, list_url
from webhooks import services
from webhooks.admin.badges import badge
from webhooks.admin.endpoint_definitions import DefinitionViews
from webhooks.admin.endpoint_forms import EndpointForm
from webhooks.admin.endpoint_samples import HMAC, SampleViews, sample_command
from webhooks.admin.endpoint_secrets import SecretViews, time_left, use_of_secret
from webhooks.admin.endpoint_widgets import OPTION, OPTIONS, is_chosen
from webhooks.admin.lines import as_lines
from webhooks.admin.traffic import TrafficColumns, with_traffic
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, EndpointSecret, Message, Refusal

LOG = "What it has received"
STATES = {"on": "success", "off": "warning", "no secret": "danger"}
OPTION_FIELDS = [f"{OPTION}{name}" for name in OPTIONS]
# What stands in the place of a field: for a new endpoint, and for those who may only look.
OF_NEW = {"secret_table": "own_secret", "url": "", "signing": ""}
OF_LOOKING = {
    "expected_headers": "header_lines",
    "scheme": "sender",
    **dict.fromkeys(OPTION_FIELDS, ""),
}


@admin.register(Endpoint)
class EndpointAdmin(SecretViews, SampleViews, DefinitionViews, TrafficColumns, ServiceAdmin):
    """URLs of ours that receive webhooks."""

    form = EndpointForm
    list_display = ["called", "tenant", "to_copy", "sender", "state", "received", "refused"]
    list_select_related = ["tenant"]
    list_filter = [("enabled", BooleanRadioFilter)]
    search_fields = ["name", "path", "slug"]
    empty_value_display = EMPTY
    change_form_before_template = "webhooks/endpoint_boxes.html"
    conditional_fields = {
        **{f"{OPTION}{name}": is_chosen(list(uses)) for name, uses in OPTIONS.items()},
        "tolerance_seconds": is_chosen(
            [name for name, scheme in SCHEMES.items() if scheme.tolerance is not None]
        ),
    }
    fieldsets = [
        (None, {"fields": ["tenant", "name", "description", "enabled", "path", "url"]}),
        ("Who sends", {"fields": ["scheme", "secret_table", *OPTION_FIELDS, "signing"]}),
        (LOG, {"fields": ["message_table"]}),
        (
            "What it demands",
            {
                "classes": ["tab"],
                "fields": [
                    "methods",
                    "expected_headers",
                    "allowed_networks",
                    "rate_limit",
                    "max_body_bytes",
                    "tolerance_seconds",
                ],
            },
        ),
        (
            "What becomes of it",
            {"classes": ["tab"], "fields": ["slug", "event_type", "message_key"]},
        ),
        (
            "What is answered",
            {
                "classes": ["tab"],
                "fields": ["answer_status", "answer_content_type", "answer_body"],
            },
        ),
    ]
    readonly_fields = [
        "url",
        "secret_table",
        "signing",
        "message_table",
        "header_lines",
        "sender",
    ]
    actions_row = ["replace_secret", "send_sample"]
    actions_detail = ["replace_secret", "send_sample"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave what is encrypted in the database where it is not read."""
        secrets = EndpointSecret.objects.live(timezone.now()).defer("secret")
        rows = super().get_queryset(request).select_related("tenant")
        rows = rows.prefetch_related(Prefetch("secrets", secrets, to_attr="live_secrets"))
        listing = request.resolver_match and str(request.resolver_match.url_name).endswith("list")
        if not listing:
            return rows
        return with_traffic(rows.defer("expected_headers", "options"), timezone.now())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Swap what only an existing endpoint has, and what those who may only look must not see."""
        names: dict[str, str] = {}
        if obj is None:
            names = OF_NEW
        elif not self.has_change_permission(request, obj):
            names = OF_LOOKING
        swapped = [
            (title, {**options, "fields": [names.get(str(n), n) for n in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
            if obj is not None or title != LOG
        ]
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name]})
            for title, options in swapped
        ]

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **options: Any
    ) -> HttpResponse:
        row = context["original"]
        context["lacks_secret"] = row is not None and _lacks_secret(row)
        answer: HttpResponse = super().render_change_form(request, context, *args, **options)
        return answer

    # --- columns -------------------------------------------------------------------------------
    @display(description="name", ordering="name")
    def called(self, row: Endpoint) -> str:
        return Truncator(row.name).chars(60)

    @display(description="URL")
    def to_copy(self, row: Endpoint) -> SafeString:
        return _rendered("webhooks/endpoint_url.html", {"endpoint": row})

    @display(description="URL")
    def url(self, row: Endpoint) -> SafeString:
        # A form with errors has put the path that was typed into its row.
        return self.to_copy(Endpoint.objects.select_related("tenant").get(pk=row.pk))

    @display(description="sender", ordering="scheme")
    def sender(self, row: Endpoint) -> str:
        scheme = SCHEMES.get(row.scheme)
        return scheme.label if scheme else row.scheme

    @display(description="state", ordering="enabled")
    def state(self, row: Endpoint) -> SafeString:
        if not row.enabled:
            return badge("off", STATES)
        if _lacks_secret(row):
            return badge("no secret", STATES, "every request is refused")
        return badge("on", STATES)

    @display(description="expected headers")
    def header_lines(self, row: Endpoint) -> Any:
        return code(as_lines(row.expected_headers))

    @display(description="secrets")
    def secret_table(self, row: Any) -> SafeString:
        now = timezone.now()
        context = {
            "secrets": [
                (each, time_left(each.expires_at, now) if each.expires_at else "")
                for each in row.live_secrets
            ],
            "now": now,
            "required": SCHEMES[row.scheme].secret_required,
        }
        return _rendered("webhooks/endpoint_secrets.html", context)

    @display(description="how the secret is used")
    def signing(self, row: Endpoint) -> SafeString:
        stored = Endpoint.objects.select_related("tenant").get(pk=row.pk)
        command = sample_command(stored) if stored.scheme == HMAC else ""
        context = {"endpoint": row, "use": use_of_secret(stored), "command": command}
        return _rendered("webhooks/endpoint_signing.html", context)

    @display(description="latest messages")
    def message_table(self, row: Endpoint) -> SafeString:
        messages = Message.objects.for_tenant(row.tenant).filter(endpoint=row)
        context = {
            "received": messages.defer("body", "headers")[:8],
            "refusals": Refusal.objects.for_tenant(row.tenant).filter(endpoint=row)[:5],
            "now": timezone.now(),
            "all_url": list_url(Message, endpoint__id__exact=row.pk),
            "refusals_url": list_url(Refusal, endpoint__id__exact=row.pk),
        }
        return _rendered("webhooks/received.html", context)

    # --- changes -------------------------------------------------------------------------------
    def response_add(self, request: HttpRequest, obj: Endpoint, *args: Any) -> HttpResponse:
        secret = request.new_secret  # type: ignore[attr-defined]
        if secret:
            return self.show_secret(request, obj, secret)
        return self.back_to(request, obj, f"{obj.name} is saved. Its URL is {obj.url}")

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.new_secret = getattr(form, "new_secret", "")  # type: ignore[attr-defined]  # for the answer
        if change and "scheme" in form.changed_data:
            self._warn_of_secrets(request, obj, before=form.initial["scheme"])

    def _warn_of_secrets(self, request: HttpRequest, row: Endpoint, before: str) -> None:
        """Say that what fits the new sender by its form alone is still the secret of the old one."""
        secrets: Any = EndpointSecret.objects.filter(endpoint=row)
        if not secrets.live(timezone.now()).exists():
            return
        known = SCHEMES.get(before)
        text = format_html(
            "The secret that was entered for {} now belongs to {}. Unless they use the same one, every "
            'request is refused: <a class="text-link" href="{}">replace it</a>.',
            known.label if known else before,
            SCHEMES[row.scheme].label,
            reverse("admin:webhooks_endpoint_replace_secret", args=[row.pk]),
        )
        messages.warning(request, text)

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        services.delete_endpoint(obj, actor=actor_of(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Name what goes without loading a million messages to list them."""
        rows = list(objs)
        lines = [
            f"{row}, with its secrets and what it has received; it cannot be brought back"
            for row in rows
        ]
        return lines, {str(self.opts.verbose_name_plural): len(rows)}, set(), []


def _lacks_secret(row: Any) -> bool:
    scheme = SCHEMES.get(row.scheme)
    return scheme is not None and scheme.secret_required and not row.live_secrets


def _rendered(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308  # templates escape
