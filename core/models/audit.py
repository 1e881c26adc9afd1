"""Who did what, when."""

from typing import Any, ClassVar

from django.db import models

from core.errors import ImmutableError
from core.ids import PrefixedIdField
from core.models.tenant import TenantLog
from core.querysets import AuditEntryQuerySet


class AuditEntry(TenantLog):
    """One change of configuration, use of a privilege or sensitive read. Append-only."""

    id = PrefixedIdField("aud", primary_key=True)
    action = models.CharField(max_length=100, help_text="For example api_key.created")
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    target_type = models.CharField(max_length=100, blank=True)
    target_id = models.CharField(max_length=100, blank=True)
    target_label = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=128, blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_by_tenant"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_label}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("audit entries are append-only")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise ImmutableError("audit entries are append-only")
