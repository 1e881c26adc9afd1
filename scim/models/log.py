"""What identity providers have done, and what they were refused."""

from typing import Any, ClassVar

from django.db import models

from core.crypto import EncryptedTextField
from core.ids import PrefixedIdField
from core.models import Tenant, TenantLog
from core.querysets import TenantQuerySet


class ProvisioningEntry(TenantLog):
    """One change by an identity provider, or one request of it that was refused.

    It holds what follows from the request; the request itself only where the directory keeps
    payloads, encrypted, and a password never. ``rules`` are those of the profile that had to put something right, with the
    place; ``changes`` the fields that have another value now.
    """

    REFUSED = "refused"

    id = PrefixedIdField("prv", primary_key=True)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    happened_at = models.DateTimeField()
    action = models.CharField(max_length=40, help_text="The event, or: refused.")
    target_id = models.CharField(max_length=100, blank=True)
    target_label = models.CharField(max_length=200, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    scim_type = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    rules = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    members_added = models.PositiveIntegerField(default=0)
    members_removed = models.PositiveIntegerField(default=0)
    members_unknown = models.PositiveIntegerField(default=0)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    duration_ms = models.PositiveIntegerField()
    payload = EncryptedTextField(
        blank=True,
        help_text="The query and the body of the request as JSON, without passwords; empty unless"
        " the directory keeps them.",
    )
    credential_id = models.CharField(max_length=100)
    credential_label = models.CharField(max_length=200)
    request_id = models.CharField(max_length=128, blank=True)
    ip_address = models.GenericIPAddressField(null=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "provisioning entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="provisioning_by_tenant"),
            models.Index(fields=["tenant", "target_id", "-id"], name="provisioning_by_target"),
            models.Index(fields=["happened_at"], name="provisioning_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}".strip()
