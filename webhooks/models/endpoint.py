"""URLs of ours that receive webhooks, and what proves where those come from."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from core.crypto import EncryptedJSONField, EncryptedTextField
from core.ids import PrefixedIdField
from core.models import TenantOwned
from webhooks.querysets import EndpointManager, EndpointQuerySet, EndpointSecretQuerySet

PATH = RegexValidator(
    r"^[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\Z",
    "Write words of letters, digits, dots, hyphens and underscores with single slashes between"
    " them, such as webhooks/external-service.",
)
SLUG = RegexValidator(
    r"^[a-z][a-z0-9_]*\Z",
    "Use lower-case letters, digits and underscores, starting with a letter.",
)
MAX_PATH_CHARACTERS = 200
MAX_SLUG_CHARACTERS = 40
MAX_TOLERANCE_SECONDS = 24 * 3_600
MAX_RATE_LIMIT = 600_000
MIN_BODY_BYTES = 1_024
MAX_ANSWER_CHARACTERS = 10_000


def default_methods() -> list[str]:
    """Return what nearly every sender uses."""
    return ["POST"]


class Endpoint(TenantOwned):
    """A URL that receives webhooks, ``/in/<tenant>/<path>``, and what it demands of them.

    What is received becomes events named ``inbound.<slug>.<type>``. Deleted, it stays as a row that
    only ``with_deleted`` finds, until its messages are erased.
    """

    id = PrefixedIdField("ept", primary_key=True)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    slug = models.CharField(
        max_length=MAX_SLUG_CHARACTERS,
        validators=[SLUG],
        help_text="The word in the names of its events, such as code in inbound.code.push.",
    )
    path = models.CharField(
        max_length=MAX_PATH_CHARACTERS,
        validators=[PATH],
        help_text="What follows the tenant in its URL, such as webhooks/external-service.",
    )
    methods = models.JSONField(
        default=default_methods, help_text="POST, PUT, PATCH, DELETE or GET."
    )
    expected_headers = EncryptedJSONField(
        default=list,
        blank=True,
        help_text="A list of {name, value}: what every request must carry. A header without a value"
        " must only be there.",
    )
    scheme = models.CharField(
        max_length=40, help_text="How the sender proves that it sent a request."
    )
    options = EncryptedJSONField(default=dict, blank=True)
    tolerance_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TOLERANCE_SECONDS)],
        help_text="How far the signed time may be from ours, before or after; empty for what is"
        " usual with the sender.",
    )
    allowed_networks = models.JSONField(
        default=list,
        blank=True,
        help_text="Addresses that requests may come from, such as 192.0.2.0/24 or 2001:db8::/32;"
        " none for all.",
    )
    rate_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_RATE_LIMIT)],
        help_text="How many requests are taken at once, and in each minute from then on; empty for as"
        " many as come.",
    )
    max_body_bytes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(MIN_BODY_BYTES)],
        help_text="How large a request may be; empty for what the installation allows.",
    )
    message_key = models.CharField(
        max_length=200,
        blank=True,
        help_text="What tells a repeat: header:X-Request-Id, body:event.id, or body for all of its"
        " bytes; none to take every request for a new one. Empty for what is usual with the sender.",
    )
    event_type = models.CharField(
        max_length=200,
        blank=True,
        help_text="What kind of event it is: header:X-Event, body:type, or a fixed text. Empty for"
        " what is usual with the sender.",
    )
    answer_status = models.PositiveSmallIntegerField(
        default=200, validators=[MinValueValidator(200), MaxValueValidator(299)]
    )
    answer_content_type = models.CharField(max_length=100, default="application/json")
    answer_body = models.TextField(
        blank=True, default='{"received": true}', max_length=MAX_ANSWER_CHARACTERS
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[EndpointManager] = EndpointManager()
    with_deleted: ClassVar[Any] = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "path"],
                condition=models.Q(deleted_at=None),
                name="endpoint_path_once_per_tenant",
            ),
            models.UniqueConstraint(
                fields=["tenant", "slug"],
                condition=models.Q(deleted_at=None),
                name="endpoint_slug_once_per_tenant",
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(enabled=False),
                name="endpoint_deleted_is_off",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(deleted_at__isnull=False), name="endpoint_deleted"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The URL that its sender is given."""
        return f"{settings.PUBLIC_URL}/in/{self.tenant.slug}/{self.path}"


class EndpointSecret(TenantOwned):
    """A secret that verifies what an endpoint receives, until ``expires_at`` if it was replaced."""

    id = PrefixedIdField("eps", primary_key=True)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="secrets")
    secret = EncryptedTextField(editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = EndpointSecretQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.id)

    def live(self, now: datetime) -> bool:
        """Say whether it verifies requests at ``now``."""
        return self.expires_at is None or now < self.expires_at
