"""The log of API calls."""

from typing import Any, ClassVar

from django.db import models

from core.ids import PrefixedIdField
from core.models import Tenant
from core.querysets import TenantQuerySet


class ApiCall(models.Model):
    """One request to the API, without its body.

    ``tenant`` is empty when the request proved no identity.
    """

    id = PrefixedIdField("call", primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, related_name="+")
    credential_kind = models.CharField(max_length=20, blank=True)
    credential_id = models.CharField(max_length=100, blank=True)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500)
    route = models.CharField(max_length=200, blank=True)
    status_code = models.PositiveSmallIntegerField()
    duration_ms = models.PositiveIntegerField()
    request_id = models.CharField(max_length=128)
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "API call"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="api_call_by_tenant"),
            models.Index(fields=["created_at"], name="api_call_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status_code}"
