"""Endpoints in the admin: set one up, give its URL and secret to the sender, try it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.contrib.filters.admin import BooleanRadioFilter

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.shown_once import ShownOnce, hand_over
from core.admin.staff import ServiceAdmin
from core.display import list_url
from webhooks import services
from webhooks.admin.badges import badge
from webhooks.admin.endpoint_forms import OPTION, OPTIONS, EndpointForm
from webhooks.errors import RotationRefusedError, SampleRefusedError
from webhooks.inbound.schemes import SCHEMES
from webhooks.models import Endpoint, EndpointSecret, Message, Refusal

OF_EXISTING, OF_NEW = "secret_table", "own_secret"
LOG = "What it has received"
STATES = {"on": "success", "off": "warning", "no secret": "danger"}
KEEP_IT = (
    "Give it to the sender, who signs every request with it. Copy it now: it is stored encrypted and "
    "cannot be shown again."
)


@admin.register(Endpoint)
class EndpointAdmin(ServiceAdmin):
    """URLs of ours that receive webhooks."""

    form = EndpointForm
    list_display = ["called", "tenant", "url", "sender", "state", "received", "refused"]
    list_select_related = ["tenant"]
    list_filter = [("enabled", BooleanRadioFilter)]
    search_fields = ["name", "path", "slug"]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "description", "enabled", "path", "url"]}),
        ("Who sends", {"fields": ["scheme", "secret_table"]}),
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
            "Details of the signature",
            {"classes": ["tab"], "fields": [f"{OPTION}{name}" for name in OPTIONS]},
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
    readonly_fields = ["url", "secret_table", "message_table"]
    actions_row = ["replace_secret", "send_sample"]
    actions_detail = ["replace_secret", "send_sample"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("tenant").prefetch_related("secrets")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Swap what only an existing endpoint has for what only a new one needs."""
        given = super().get_fieldsets(request, obj)
        if obj is not None:
            return given
        names = {OF_EXISTING: OF_NEW, "url": ""}
        fields = [
            (title, {**options, "fields": [names.get(str(n), n) for n in options["fields"]]})
            for title, options in given
            if title != LOG
        ]
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name]})
            for title, options in fields
        ]

    # --- columns -------------------------------------------------------------------------------
    @display(description="name", ordering="name")
    def called(self, row: Endpoint) -> str:
        return Truncator(row.name).chars(60)

    @display(description="URL")
    def url(self, row: Endpoint) -> str:
        return row.url

    @display(description="sender", ordering="scheme")
    def sender(self, row: Endpoint) -> str:
        scheme = SCHEMES.get(row.scheme)
        return scheme.label if scheme else row.scheme

    @display(description="state", ordering="enabled")
    def state(self, row: Endpoint) -> SafeString:
        if not row.enabled:
            return badge("off", STATES)
        if self._lacks_secret(row):
            return badge("no secret", STATES, "every request is refused")
        return badge("on", STATES)

    @display(description="received")
    def received(self, row: Endpoint) -> SafeString:
        return _link(list_url(Message, endpoint__id__exact=row.pk), "Show")

    @display(description="refused")
    def refused(self, row: Endpoint) -> SafeString:
        return _link(list_url(Refusal, endpoint__id__exact=row.pk), "Show")

    @display(description="secrets")
    def secret_table(self, row: Endpoint) -> SafeString:
        now = timezone.now()
        secrets = EndpointSecret.objects.filter(endpoint=row).live(now)
        context = {"secrets": secrets, "now": now, "lacking": self._lacks_secret(row)}
        return _rendered("webhooks/endpoint_secrets.html", context)

    @display(description="latest messages")
    def message_table(self, row: Endpoint) -> SafeString:
        rows = Message.objects.for_tenant(row.tenant).filter(endpoint=row)
        context = {
            "received": rows.defer("body", "headers")[:8],
            "refusals": Refusal.objects.for_tenant(row.tenant).filter(endpoint=row)[:5],
            "now": timezone.now(),
            "all_url": list_url(Message, endpoint__id__exact=row.pk),
            "refusals_url": list_url(Refusal, endpoint__id__exact=row.pk),
        }
        return _rendered("webhooks/received.html", context)

    def _lacks_secret(self, row: Endpoint) -> bool:
        scheme, now = SCHEMES.get(row.scheme), timezone.now()
        required = scheme is not None and scheme.secret_required
        return required and not any(secret.live(now) for secret in row.secrets.all())

    # --- changes -------------------------------------------------------------------------------
    def response_add(self, request: HttpRequest, obj: Endpoint, *args: Any) -> HttpResponse:
        secret = request.new_secret  # type: ignore[attr-defined]
        if secret:
            return self._show(request, obj, secret)
        return self.back_to(request, obj, f"{obj.name} is saved. Its URL is {self.url(obj)}")

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.new_secret = getattr(form, "new_secret", "")  # type: ignore[attr-defined]  # for the answer

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

    def _show(self, request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
        return hand_over(
            request,
            ShownOnce(
                title=f"The secret of {row.name}",
                text=KEEP_IT,
                label="Secret",
                secret=secret,
                extra_label="URL",
                extra=self.url(row),
                next_url=self.url_of(row),
            ),
        )

    @action(
        description="Replace secret",
        url_path="replace-secret",
        permissions=["change"],
        icon="autorenew",
    )
    def replace_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace what the sender signs with, or enter it."""
        row = self.row_or_404(request, object_id)
        scheme = SCHEMES[row.scheme]
        if request.method != "POST":
            return self._ask_for_secret(request, row)
        secret = request.POST.get("secret", "").strip()
        try:
            saved = services.replace_endpoint_secret(row, actor=actor_of(request), secret=secret)
        except RotationRefusedError as error:
            return self.back_to(request, row, str(error), messages.ERROR)
        if saved.secret:
            return self._show(request, row, saved.secret)
        return self.back_to(request, row, f"The secret of {scheme.label} is saved.")

    def _ask_for_secret(self, request: HttpRequest, row: Endpoint) -> HttpResponse:
        scheme = SCHEMES[row.scheme]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Replace the secret of {row.name}",
            "scheme": scheme,
            "back_url": self.url_of(row),
        }
        return TemplateResponse(request, "webhooks/replace_secret.html", context)

    @action(description="Send sample", url_path="sample", permissions=["change"], icon="send")
    def send_sample(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Sign a sample as the sender would, and have the endpoint receive it."""
        row = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                row,
                title=f"Send a sample to {row.name}?",
                text="A sample request is signed with the endpoint's own secret and received like any "
                "other: it is kept, and becomes an event that others may react to. Only the address "
                "that it comes from is made up, where not every address is allowed.",
                button="Send sample",
            )
        try:
            outcome = services.send_endpoint_sample(row)
        except SampleRefusedError as error:
            return self.back_to(request, row, str(error), messages.ERROR)
        if outcome.message is None:
            return self.back_to(request, row, outcome.text, messages.WARNING)
        self.message_user(request, outcome.text, messages.SUCCESS)
        address = reverse("admin:webhooks_message_change", args=[outcome.message.pk])
        return HttpResponseRedirect(address)


def _rendered(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308  # templates escape


def _link(url: str, text: str) -> SafeString:
    return _rendered("webhooks/link.html", {"url": url, "text": text})
