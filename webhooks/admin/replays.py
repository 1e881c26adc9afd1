"""Long replays in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from core.admin.actors import actor_of
from core.admin.decorators import action, display
from core.admin.staff import LogAdmin
from core.display import age, link_to
from webhooks import services
from webhooks.admin.badges import badge
from webhooks.models import Replay

COLORS = {"finished": "success", "running": "warning", "canceled": "info"}


@admin.register(Replay)
class ReplayAdmin(LogAdmin):
    """Replays of more deliveries than are put back in the queue at once."""

    list_display = ["made", "about", "tenant", "standing", "progress", "actor"]
    list_select_related = ["tenant", "subscription"]
    id_fields = ("id", "subscription")
    search_fields = ["actor__startswith"]
    search_help_text = "Id of the replay or subscription; who began it"
    fieldsets = [
        (None, {"fields": ["progress_bar", "about", "tenant", "actor", "id"]}),
        ("Given up in this time", {"fields": ["since", "until"]}),
        ("Times", {"fields": ["created_at", "finished_at"]}),
    ]
    readonly_fields = ["progress_bar", "about"]
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
        label=COLORS,
    )
    def standing(self, row: Replay) -> str:
        return str(row.state)

    @display(description="progress")
    def progress(self, row: Replay) -> str:
        return f"{row.done:,} of {row.total:,}"

    @display(description="progress")
    def progress_bar(self, row: Replay) -> SafeString:
        unfinished = row.finished_at is None
        waiting = unfinished and row.subscription is not None and not row.subscription.enabled
        context = {
            "state": badge(str(row.state), COLORS),
            "running": unfinished and not waiting,
            "waiting": waiting,
            "done": row.done,
            "total": row.total,
            "text": self.progress(row),
            "is_short": row.state == Replay.State.FINISHED and row.done < row.total,
        }
        html = render_to_string("webhooks/progress.html", context)
        return mark_safe(html)  # noqa: S308  # the template has escaped what is in it

    @display(description="begun", ordering="id")
    def made(self, row: Replay) -> Any:
        return age(row.created_at, timezone.now())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to stop what is under way; what is over has no buttons."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is not None and row.finished_at is not None:
            return []
        return list(super().get_actions_detail(request, object_id))

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
