"""The lanes of subscriptions in the admin, for those who look for a fault."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from core.admin.decorators import display
from core.admin.staff import LogAdmin
from core.display import EMPTY, age
from webhooks.admin.health import LABELS, health_of, label_of
from webhooks.models import Lane


@admin.register(Lane)
class LaneAdmin(LogAdmin):
    """The queue of each subscription."""

    list_display = ["subscription", "tenant", "receiver", "due", "left_alone", "held"]
    list_select_related = ["tenant", "subscription"]
    id_fields = ("subscription",)
    search_fields = ["subscription__name"]
    search_help_text = "Name or id of the subscription"
    fieldsets = [
        (None, {"fields": ["subscription", "tenant", "health"]}),
        ("The queue", {"fields": ["due_at", "paused_until", "owner", "owned_until"]}),
        ("The receiver", {"fields": ["failing_since", "failures", "openings", "told"]}),
    ]
    readonly_fields = ["health", "owner", "openings", "told"]

    @display(description="receiver", label=LABELS)
    def receiver(self, row: Lane) -> str:
        return label_of(row, timezone.now())

    @display(description="receiver")
    def health(self, row: Lane) -> SafeString:
        return health_of(row.subscription, timezone.now())

    @display(description="next delivery due", ordering="due_at")
    def due(self, row: Lane) -> Any:
        return age(row.due_at, timezone.now())

    @display(description="left alone until", ordering="paused_until")
    def left_alone(self, row: Lane) -> Any:
        now = timezone.now()
        is_over = row.paused_until is None or row.paused_until <= now
        return EMPTY if is_over else age(row.paused_until, now)

    @display(description="held by a worker until", ordering="owned_until")
    def held(self, row: Lane) -> Any:
        return age(row.owned_until, timezone.now())

    @display(description="circuit opened in a row")
    def openings(self, row: Lane) -> str:
        return "once" if row.trips == 1 else f"{row.trips} times"

    @display(description="tenant was warned")
    def told(self, row: Lane) -> str:
        if not row.warned:
            return "not yet"
        return f"after {row.warned} % of the time until the subscription is switched off"
