"""Credentials of the tenant API: OAuth 2.0 clients and API keys."""

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from oauth2_provider.models import AbstractApplication

from core.ids import PrefixedIdField
from core.models.tenant import Tenant, TenantOwned
from core.querysets import ApiKeyQuerySet, TenantQuerySet

RATE_LIMIT_HELP = "Requests per minute; empty for the installation's default."


class ApiClient(AbstractApplication, TenantOwned):  # type: ignore[misc]  # not typed
    """An OAuth 2.0 client (RFC 6749) that acts for one tenant with some scopes."""

    id = PrefixedIdField("cli", primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_clients")
    scopes = models.JSONField(default=list, help_text="The scopes its tokens may carry.")
    rate_limit = models.PositiveIntegerField(null=True, blank=True, help_text=RATE_LIMIT_HELP)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "API client"
        ordering = ["name"]

    def __str__(self) -> str:
        return str(self.name or self.client_id)

    def clean(self) -> None:
        """Refuse redirect URIs in words that say what to write, before the toolkit looks at them."""
        for uri in self.redirect_uris.split():
            parts = urlsplit(uri)
            if parts.scheme != "https" or not parts.hostname or "#" in uri:
                message = (
                    f"People cannot be sent back to {uri}. Write an address that begins with"
                    " https:// and has no fragment, such as https://app.example.com/callback."
                )
                raise ValidationError({"redirect_uris": message})
        super().clean()

    def is_usable(self, request: Any) -> bool:
        """Refuse clients of a tenant that is switched off (a hook of django-oauth-toolkit)."""
        return self.tenant.active


class ApiKey(TenantOwned):
    """A bearer secret of one tenant. Only its SHA-256 is stored: the key has 256 random bits."""

    id = PrefixedIdField("key", primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="api_keys",
        help_text="The person whose access it ends with; empty for a program's own key.",
    )
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list)
    rate_limit = models.PositiveIntegerField(null=True, blank=True, help_text=RATE_LIMIT_HELP)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    expiry_warning_days = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="How many days before its end a warning was sent last; empty for none yet.",
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    replaced_by = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="replaces"
    )

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def usable(self, now: datetime) -> bool:
        """Say whether the key opens the door at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
