"""Subscriptions in the admin: set one up, see what it would send, try it, switch it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.contrib.filters.admin import BooleanRadioFilter

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.shown_once import ShownOnce, hand_over
from core.admin.staff import ServiceAdmin
from core.display import code, list_url
from webhooks import services
from webhooks.admin.badges import badge
from webhooks.admin.forms import SubscriptionForm, in_words
from webhooks.admin.health import HealthColumns
from webhooks.admin.lines import as_lines
from webhooks.admin.recovery import RecoveryViews
from webhooks.admin.trials import TrialViews
from webhooks.admin.wording import subscriptions_are
from webhooks.errors import RotationRefusedError
from webhooks.models import Delivery, SigningSecret, Subscription
from webhooks.types import NewSecret

DELIVERIES_SHOWN = 8
# What a subscription has only once it exists, and what only a new one is asked for instead.
OF_EXISTING, OF_NEW = "secret_table", "own_secret"
# Without a form, which masks them, Django would print what is stored.
HEADERS, HEADERS_MASKED = "headers", "header_lines"
LOG = "What it has sent"
STATES = {"on": "success", "off": "warning"}
KEEP_IT = (
    "Give it to the receiver, who verifies the signature of every request with it. Copy it now: it "
    "is stored encrypted and cannot be shown again."
)


@admin.register(Subscription)
class SubscriptionAdmin(TrialViews, RecoveryViews, HealthColumns, ServiceAdmin):
    """Foreign URLs that want events."""

    form = SubscriptionForm
    list_display = [
        "called",
        "tenant",
        "triggers",
        "goes_to",
        "state",
        "receiver",
        "its_deliveries",
    ]
    list_select_related = ["tenant", "lane"]
    list_filter = [("enabled", BooleanRadioFilter)]
    search_fields = ["name", "url"]
    change_form_before_template = "webhooks/definition_box.html"
    change_form_after_template = "webhooks/trial_boxes.html"
    fieldsets = [
        (None, {"fields": ["tenant", "name", "description", "enabled"]}),
        ("What triggers it", {"fields": ["event_types", "filter"]}),
        ("Where it goes", {"fields": ["method", "url", "headers", "timeout_seconds"]}),
        ("What is sent", {"fields": ["payload_format", "payload"]}),
        (
            "How it is signed",
            {
                "classes": ["tab"],
                "fields": ["signature_scheme", "signature_header", "secret_table"],
            },
        ),
        (
            "When it fails",
            {
                "classes": ["tab"],
                "fields": [
                    "max_retries",
                    "retry_delay",
                    "backoff_multiplier",
                    "max_delay",
                    "schedule",
                    "retry_on_status",
                ],
            },
        ),
        (
            "How much at once",
            {
                "classes": ["tab"],
                "fields": ["concurrency", "rate_limit", "ordering", "ordering_seconds"],
            },
        ),
        (LOG, {"classes": ["tab"], "fields": ["health_table", "delivery_table"]}),
    ]
    readonly_fields = ["secret_table", "health_table", "delivery_table", "header_lines"]
    actions = ["enable_chosen", "disable_chosen"]
    actions_row = ["rotate", "recover"]
    actions_detail = ["rotate", "recover"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("tenant", "lane")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Swap what a new subscription, or somebody who may only look, needs another field for."""
        names = {OF_EXISTING: OF_NEW} if obj is None else {}
        if obj is not None and not self.has_change_permission(request, obj):
            names = {HEADERS: HEADERS_MASKED}
        return [
            (title, {**options, "fields": [names.get(str(n), n) for n in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
            if obj is not None or title != LOG
        ]

    # --- columns -------------------------------------------------------------------------------
    @display(description="name", ordering="name")
    def called(self, row: Subscription) -> str:
        return Truncator(row.name).chars(60)

    @display(description="events")
    def triggers(self, row: Subscription) -> str:
        return Truncator(", ".join(row.event_types)).chars(60)

    @display(description="URL")
    def goes_to(self, row: Subscription) -> str:
        return f"{row.method} {Truncator(row.url).chars(48)}"

    @display(description="state", ordering="enabled")
    def state(self, row: Subscription) -> SafeString:
        note = Truncator(row.disabled_reason).chars(80)
        return badge("on" if row.enabled else "off", STATES, note)

    @display(description="deliveries")
    def its_deliveries(self, row: Subscription) -> Any:
        return _link(list_url(Delivery, subscription__id__exact=row.pk), "Show")

    @display(description="latest deliveries")
    def delivery_table(self, row: Subscription) -> SafeString:
        deliveries = (
            Delivery.objects.for_tenant(row.tenant)
            .filter(subscription=row)
            .select_related("event")
            .defer("event__data", "event__actor")[:DELIVERIES_SHOWN]
        )
        context = {
            "deliveries": deliveries,
            "now": timezone.now(),
            "all_url": list_url(Delivery, subscription__id__exact=row.pk),
        }
        return _rendered("webhooks/deliveries.html", context)

    @display(description="headers")
    def header_lines(self, row: Subscription) -> Any:
        return code(as_lines(row.headers))

    @display(description="secrets")
    def secret_table(self, row: Subscription) -> SafeString:
        now = timezone.now()
        secrets = SigningSecret.objects.filter(subscription=row).live(now)
        return _rendered("webhooks/secrets.html", {"secrets": secrets, "now": now})

    # --- changes -------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request.new_secrets = form.outcome.secrets  # type: ignore[attr-defined]  # for the answer
        for warning in form.outcome.warnings:
            self.message_user(request, in_words(warning), messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Subscription, *args: Any) -> HttpResponse:
        secrets = request.new_secrets  # type: ignore[attr-defined]
        return self._show(request, obj, secrets)

    def response_change(self, request: HttpRequest, obj: Subscription) -> HttpResponse:
        secrets = request.new_secrets  # type: ignore[attr-defined]
        if secrets:
            return self._show(request, obj, secrets)
        answer: HttpResponse = super().response_change(request, obj)
        return answer

    def _show(
        self, request: HttpRequest, row: Subscription, secrets: tuple[NewSecret, ...]
    ) -> HttpResponse:
        hidden = next((new.secret for new in secrets if new.secret), "")
        public = next((new.public_key for new in secrets if new.public_key), "")
        if not hidden and not public:
            return self.back_to(request, row, f"{row.name} is saved.")
        return hand_over(
            request,
            ShownOnce(
                title=f"The signing secret of {row.name}",
                text=KEEP_IT,
                label="Signing secret" if hidden else "Public key (ed25519)",
                secret=hidden or public,
                extra_label="Public key (ed25519)" if hidden and public else "",
                extra=public if hidden else "",
                next_url=self.url_of(row),
            ),
        )

    def delete_model(self, request: HttpRequest, obj: Subscription) -> None:
        services.delete_subscription(obj, actor=actor_of(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Name what goes without loading a million deliveries to list them."""
        rows = list(objs)
        lines = [
            f"{row}, with its secrets, its deliveries and their attempts; it cannot be brought back"
            for row in rows
        ]
        return lines, {str(self.opts.verbose_name_plural): len(rows)}, set(), []

    @admin.action(description="Switch the chosen ones on", permissions=["change"])
    def enable_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        for row in rows:
            services.enable(row, actor=actor_of(request))
        self.message_user(request, f"{subscriptions_are(len(rows))} on.", messages.SUCCESS)

    @admin.action(description="Switch the chosen ones off", permissions=["change"])
    def disable_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = list(queryset)
        for row in rows:
            services.disable(row, actor=actor_of(request), reason="switched off by staff")
        self.message_user(request, f"{subscriptions_are(len(rows))} off.", messages.SUCCESS)

    @action(
        description="Rotate secret",
        url_path="rotate-secret",
        permissions=["change"],
        icon="autorenew",
    )
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace the keys that sign the deliveries."""
        row = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                row,
                title=f"Rotate the secret of {row.name}?",
                text="A new secret is made. For 24 hours webhook-signature carries the signatures "
                "of both, so the receiver can change over at any moment in between; the plain "
                "signature header changes when they are over.",
                button="Rotate secret",
            )
        try:
            secrets = services.rotate_secret(row, actor=actor_of(request))
        except RotationRefusedError as error:
            return self.back_to(request, row, str(error), messages.ERROR)
        return self._show(request, row, secrets)


def _rendered(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308  # templates escape


def _link(url: str, text: str) -> SafeString:
    return _rendered("webhooks/link.html", {"url": url, "text": text})
