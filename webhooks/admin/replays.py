"""Long replays and the lanes of subscriptions in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.staff import LogAdmin
from core.display import age, link_to
from webhooks import services
from webhooks.admin.health import LABELS, label_of
from webhooks.models import Lane, Replay


@admin.register(Replay)
class ReplayAdmin(LogAdmin):
    """Replays of more deliveries than are put back in the queue at once."""

    list_display = ["id", "about", "tenant", "standing", "progress", "actor", "made"]
    list_select_related = ["tenant", "subscription"]
    id_fields = ("id", "subscription")
    search_fields = ["actor__startswith"]
    fieldsets = [
        (None, {"fields": ["standing", "progress", "about", "tenant", "actor", "id"]}),
        ("Given up in this time", {"fields": ["since", "until"]}),
        ("Times", {"fields": ["created_at", "finished_at"]}),
    ]
    readonly_fields = ["standing", "progress", "about"]
    actions_row = ["cancel"]
    actions_detail = ["cancel"]

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may stop what is under way: whoever may have things sent again."""
        return request.user.has_perm("webhooks.change_delivery")

    @display(description="subscription")
    def about(self, row: Replay) -> Any:
        return link_to(row.subscription) if row.subscription else "all of them"

    @display(
        description="state",
        label={"finished": "success", "running": "warning", "canceled": "info"},
    )
    def standing(self, row: Replay) -> str:
        return str(row.state)

    @display(description="progress")
    def progress(self, row: Replay) -> str:
        return f"{row.done:,} of {row.total:,}"

    @display(description="begun", ordering="id")
    def made(self, row: Replay) -> Any:
        return age(row.created_at, timezone.now())

    @action(description="Stop", url_path="cancel", permissions=["cancel"], icon="block")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop a replay that is under way."""
        replay = self.row_or_404(request, object_id)
        if replay.finished_at is not None:
            return self.back_to(request, replay, "The replay is over.", messages.WARNING)
        if request.method != "POST":
            return self.ask(
                request,
                replay,
                title="Stop this replay?",
                text="What it has put back in the queue already is sent all the same.",
                button="Stop",
            )
        services.cancel(replay, actor=actor_of(request))
        return self.back_to(request, replay, "The replay is stopped.")


@admin.register(Lane)
class LaneAdmin(LogAdmin):
    """The queue of each subscription, for those who look for a fault."""

    list_display = ["subscription", "tenant", "receiver", "due_at", "paused_until", "owned_until"]
    list_select_related = ["tenant", "subscription"]
    id_fields = ("subscription",)
    search_fields = ["subscription__name"]
    fields = [
        "subscription",
        "receiver",
        "due_at",
        "paused_until",
        "trips",
        "failing_since",
        "failures",
        "warned",
        "owner",
        "owned_until",
    ]
    readonly_fields = ["receiver", "owner"]

    @display(description="receiver", label=LABELS)
    def receiver(self, row: Lane) -> str:
        return label_of(row, timezone.now())
