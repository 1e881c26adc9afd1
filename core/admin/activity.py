"""Who did what, and what the machinery remembers."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from core.admin.decorators import display
from core.admin.filters import RecentFilter
from core.admin.staff import LogAdmin
from core.display import age, pretty_json
from core.models import AuditEntry, EventLog, IdempotencyKey, RateBucket, Wakeup
from core.types import ActorKind

WAYS: dict[str, str] = {
    ActorKind.STAFF: "admin",
    ActorKind.API_KEY: "API key",
    ActorKind.API_CLIENT: "API client",
    ActorKind.SYSTEM: "Patchbay itself",
}


@admin.register(AuditEntry)
class AuditEntryAdmin(LogAdmin):
    """Every change of configuration, use of a privilege and sensitive read."""

    list_display = ["action", "target", "who", "by", "tenant", "when"]
    list_select_related = ["tenant"]
    list_filter = ["actor_kind", RecentFilter]
    linked_by = ("target_type", "target_id", "actor_id", "action")
    search_fields = ["action__startswith", "target_id__exact", "actor_label__startswith"]
    search_help_text = "Id, start of the action, id of the target, or who"
    fieldsets = [
        (None, {"fields": ["action", "tenant", "created_at"]}),
        ("Who", {"fields": ["actor_label", "actor_kind", "actor_id", "ip_address", "request_id"]}),
        ("What", {"fields": ["target_label", "target_type", "target_id", "pretty_details"]}),
    ]
    readonly_fields = ["pretty_details"]

    @display(description="when", ordering="id")
    def when(self, row: AuditEntry) -> Any:
        return age(row.created_at, timezone.now())

    @display(description="what was changed")
    def target(self, row: AuditEntry) -> str:
        return row.target_label

    @display(description="who")
    def who(self, row: AuditEntry) -> str:
        return row.actor_label

    @display(description="by way of")
    def by(self, row: AuditEntry) -> str:
        return WAYS.get(row.actor_kind, row.actor_kind)

    @display(description="details")
    def pretty_details(self, row: AuditEntry) -> Any:
        return pretty_json(row.details)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(LogAdmin):
    """Answers kept for repeats. The stored body is not shown: it may hold a secret."""

    list_display = ["key", "tenant", "credential", "status_code", "expires_at"]
    list_select_related = ["tenant"]
    search_fields = ["key__exact", "credential__exact"]
    search_help_text = "Id, key or id of the credential"
    fields = ["tenant", "key", "credential", "fingerprint", "status_code", "expires_at"]


class MachineryAdmin(LogAdmin):
    """Tables that only operators look into, when they look for a fault."""

    tenant_lookup = None
    id_fields = ()


@admin.register(EventLog)
class EventLogAdmin(MachineryAdmin):
    """Where each tenant's log ends."""

    list_display = ["tenant", "last_position"]
    list_select_related = ["tenant"]
    search_fields = ["tenant__slug"]
    fields = ["tenant", "last_position"]


@admin.register(Wakeup)
class WakeupAdmin(MachineryAdmin):
    """Whether a background task has been told that there is work."""

    list_display = ["task", "queued"]
    fields = ["task", "queued"]


@admin.register(RateBucket)
class RateBucketAdmin(MachineryAdmin):
    """How far rate limits are used up."""

    list_display = ["name", "full_at"]
    search_fields = ["name__startswith"]
    fields = ["name", "full_at"]
