"""Deliveries in the admin: looked at, sent again, sent sooner."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from core.admin import catalogue
from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.filters import RecentFilter, RelatedFilter
from core.admin.staff import LogAdmin
from core.display import EMPTY, age, link_to, list_url
from core.models import Event, Tenant
from webhooks import services
from webhooks.admin.badges import badge
from webhooks.admin.waiting import reason
from webhooks.admin.wording import deliveries_are
from webhooks.errors import NotReplayableError, SubscriptionDisabledError
from webhooks.models import Attempt, Delivery

ATTEMPTS_SHOWN = 50
# Each is a field of the form that asks; Django takes 1,000, and some are not deliveries.
MOST_CHOSEN = 900
COLORS = {"delivered": "success", "pending": "warning", "dead": "danger"}


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
    search_help_text = "Any id, or the start of the event type"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "badge",
                    "problem",
                    "waiting",
                    "event_link",
                    "subscription_link",
                    "tenant",
                    "id",
                ]
            },
        ),
        ("Attempts", {"fields": ["attempt_table"]}),
        ("Times", {"fields": ["created_at", "next_attempt_at", "finished_at"]}),
    ]
    readonly_fields = [
        "badge",
        "problem",
        "waiting",
        "event_link",
        "subscription_link",
        "attempt_table",
    ]
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
        label=COLORS,
    )
    def standing(self, row: Delivery) -> str:
        return str(row.state)

    @display(description="state")
    def badge(self, row: Delivery) -> SafeString:
        return badge(str(row.state), COLORS)

    @display(description="last problem")
    def problem(self, row: Delivery) -> str:
        return row.last_error or EMPTY

    @display(description="what it waits for")
    def waiting(self, row: Delivery) -> SafeString | str:
        return reason(row, timezone.now())

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
        more = list_url(Attempt, delivery__id__exact=row.pk)
        context = {
            "attempts": attempts,
            "more_url": more if row.attempts > ATTEMPTS_SHOWN else "",
            "count": row.attempts,
        }
        html = render_to_string("webhooks/attempts.html", context)
        return mark_safe(html)  # noqa: S308  # the template has escaped what is in it

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what can be done with the delivery as it stands: sent now, or again."""
        row = self.get_object(request, unquote(str(object_id)))
        passed_over = "replay" if row is not None and row.next_attempt_at else "retry"
        offered = super().get_actions_detail(request, object_id)
        return [each for each in offered if each.path != passed_over]

    @admin.action(description="Send the chosen ones again", permissions=["replay"])
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Say how many of the chosen ones can be sent again, and do it once that is confirmed."""
        ordered = queryset.select_related(None).order_by()
        chosen = list(ordered.values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if len(chosen) > MOST_CHOSEN:
            text = f"Choose at most {MOST_CHOSEN:,}. Recover on a subscription sends more again."
            self.message_user(request, text, messages.WARNING)
            return None
        rows = Delivery.objects.filter(pk__in=chosen)
        if "sure" not in request.POST:
            return self._ask_about(request, chosen, rows.replayable().count())
        tenants = Tenant.objects.filter(pk__in=rows.values("tenant_id"))
        count = sum(
            services.replay_many(tenant, rows, actor=actor_of(request)) for tenant in tenants
        )
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{deliveries_are(count)} sent again.", level)
        return None

    def _ask_about(self, request: HttpRequest, chosen: list[str], count: int) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Send the chosen deliveries again?",
            "chosen": chosen,
            "count": count,
            "left": len(chosen) - count,
            "back_url": request.get_full_path(),
        }
        return TemplateResponse(request, "webhooks/replay_chosen.html", context)

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
