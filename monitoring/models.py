"""The log of API calls."""

from django.db import models

from core.ids import PrefixedIdField
from core.models import TenantLog


class ApiCall(TenantLog):
    """One request to the API, without its body. Without a proven identity it has no tenant."""

    id = PrefixedIdField("call", primary_key=True)
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

    class Meta:
        verbose_name = "API call"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="api_call_by_tenant"),
            models.Index(fields=["created_at"], name="api_call_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status_code}"
