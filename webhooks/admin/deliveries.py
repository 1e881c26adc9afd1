"""Deliveries, their attempts, and signing secrets (by name only) in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from core.admin import catalogue
from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import age, code, link_to, list_url
from core.models import Event, Tenant
from webhooks import services
from webhooks.errors import NotReplayableError, SubscriptionDisabledError
from webhooks.models import Attempt, Delivery, SigningSecret, Subscription

ATTEMPTS_SHOWN = 50


def deliveries_of(event: Event) -> tuple[str, str]:
    """Return the link from an event to what was sent because of it."""
    return "Deliveries", list_url(Delivery, event__id__exact=event.pk)


catalogue.event_links.append(deliveries_of)


@admin.register(Delivery)
class DeliveryAdmin(LogAdmin):
    """What is owed to subscriptions."""

    list_display = [
        "event_type",
        "to",
        "tenant",
        "standing",
        "attempts",
        "last_result",
        "made",
        "next_try",
    ]
    list_select_related = ["event", "subscription", "tenant"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("subscription", RelatedFilter),
        RecentFilter,
    ]
    linked_by = ("event", "subscription", "state")
    id_fields = ("id", "event", "subscription")
    search_fields = ["event__type__startswith", "event__entity_id__exact"]
    search_help_text = "Id of the delivery, event or subscription; start of the type; entity id"
    fieldsets = [
        (None, {"fields": ["badge", "event_link", "subscription_link", "tenant", "id"]}),
        ("Attempts", {"fields": ["attempt_table"]}),
        ("Times", {"fields": ["created_at", "next_attempt_at", "finished_at", "last_error"]}),
    ]
    readonly_fields = ["badge", "event_link", "subscription_link", "attempt_table"]
    actions = ["replay_chosen"]
    actions_row = ["replay", "retry"]
    actions_detail = ["replay", "retry"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave the events' data and the headers in the database."""
        return (
            super()
            .get_queryset(request)
            .defer("event__data", "event__actor", "subscription__headers")
        )

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may have things sent again."""
        return request.user.has_perm("webhooks.change_delivery")

    @display(description="event", ordering="id")
    def event_type(self, row: Delivery) -> str:
        return row.event.type

    @display(description="subscription")
    def to(self, row: Delivery) -> str:
        return Truncator(row.subscription.name).chars(40)

    @display(
        description="state",
        ordering="state",
        label={"delivered": "success", "pending": "warning", "dead": "danger"},
    )
    def standing(self, row: Delivery) -> str:
        return str(row.state)

    @display(description="state")
    def badge(self, row: Delivery) -> SafeString:
        html = render_to_string("webhooks/state.html", {"state": row.state})
        return mark_safe(html)  # noqa: S308  # one of our own three words

    @display(description="last result")
    def last_result(self, row: Delivery) -> str:
        if row.last_status_code:
            return f"HTTP {row.last_status_code}"
        return Truncator(row.last_error).chars(60)

    @display(description="made", ordering="created_at")
    def made(self, row: Delivery) -> Any:
        return age(row.created_at, timezone.now())

    @display(description="next try", ordering="next_attempt_at")
    def next_try(self, row: Delivery) -> Any:
        return age(row.next_attempt_at, timezone.now())

    @display(description="event")
    def event_link(self, row: Delivery) -> Any:
        return link_to(row.event, f"{row.event.type} ({row.event_id})")

    @display(description="subscription")
    def subscription_link(self, row: Delivery) -> Any:
        return link_to(row.subscription)

    @display(description="latest first")
    def attempt_table(self, row: Delivery) -> SafeString:
        attempts = Attempt.objects.of(row)[:ATTEMPTS_SHOWN]
        html = render_to_string("webhooks/attempts.html", {"attempts": attempts})
        return mark_safe(html)  # noqa: S308  # the template has escaped what is in it

    @admin.action(description="Send the chosen ones again", permissions=["replay"])
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        chosen = queryset.select_related(None).order_by().values_list("pk", flat=True)
        rows = Delivery.objects.filter(pk__in=list(chosen))
        tenants = Tenant.objects.filter(pk__in=rows.values("tenant_id"))
        count = sum(
            services.replay_many(tenant, rows, actor=actor_of(request)) for tenant in tenants
        )
        text = (
            f"{count} deliveries are sent again. Passed over is what is still pending, has no data"
            " left, or goes to a subscription that is switched off."
        )
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    @action(description="Send again", url_path="replay", permissions=["replay"], icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put one delivery back in the queue."""
        delivery = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                delivery,
                title="Send this delivery again?",
                text=f"{delivery.event.type} goes to {delivery.subscription.name} once more, with "
                "the same webhook-id, so a receiver that has it already can tell.",
                button="Send again",
            )
        try:
            services.replay(delivery, actor=actor_of(request))
        except (NotReplayableError, SubscriptionDisabledError) as error:
            return self.back_to(request, delivery, str(error), messages.WARNING)
        return self.back_to(request, delivery, "The delivery is in the queue again.")

    @action(description="Send now", url_path="retry", permissions=["replay"], icon="send")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have a pending delivery sent without waiting for its next retry."""
        delivery = self.row_or_404(request, object_id)
        if request.method != "POST":
            return self.ask(
                request,
                delivery,
                title="Send this delivery now?",
                text=f"{delivery.event.type} goes to {delivery.subscription.name} without waiting "
                "for the next retry. If the receiver was being left alone, it no longer is.",
                button="Send now",
            )
        try:
            services.retry_now(delivery, actor=actor_of(request))
        except (NotReplayableError, SubscriptionDisabledError) as error:
            return self.back_to(request, delivery, str(error), messages.WARNING)
        return self.back_to(request, delivery, "The delivery is being sent.")


class StartedFilter(RecentFilter):
    """How long ago a try was made."""

    column = "started_at"


@admin.register(Attempt)
class AttemptAdmin(LogAdmin):
    """Each try to send something."""

    list_display = ["delivery", "number", "result", "duration_ms", "when", "tenant"]
    list_select_related = ["tenant", "delivery"]
    list_filter = [StartedFilter]
    id_fields = ("id", "delivery")
    linked_by = ("delivery",)
    search_fields = ["error_code__exact"]
    fields = [
        "delivery",
        "number",
        "result",
        "started_at",
        "duration_ms",
        "error",
        "answer_headers",
        "answer",
    ]
    readonly_fields = ["result", "answer_headers", "answer"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what deleted subscriptions have left behind."""
        deleted = Subscription.with_deleted.deleted()
        return super().get_queryset(request).exclude(delivery__subscription__in=deleted)

    @display(description="result")
    def result(self, row: Attempt) -> str:
        return f"HTTP {row.status_code}" if row.status_code else row.error_code

    @display(description="when", ordering="id")
    def when(self, row: Attempt) -> Any:
        return age(row.started_at, timezone.now())

    @display(description="answer's headers")
    def answer_headers(self, row: Attempt) -> Any:
        return code("\n".join(f"{name}: {value}" for name, value in row.response_headers))

    @display(description="answer")
    def answer(self, row: Attempt) -> Any:
        return code(row.response_body)


@admin.register(SigningSecret)
class SigningSecretAdmin(LogAdmin):
    """What signs deliveries: when it was made and until when it holds, never the secret."""

    list_display = ["id", "subscription", "kind", "tenant", "created_at", "expires_at"]
    list_select_related = ["tenant", "subscription"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    id_fields = ("id", "subscription")
    linked_by = ("subscription",)
    fields = ["id", "subscription", "kind", "created_at", "expires_at"]
