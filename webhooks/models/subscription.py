"""Foreign URLs that want events, and what their deliveries are signed with."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.crypto import EncryptedJSONField, EncryptedTextField
from core.ids import PrefixedIdField
from core.models import TenantOwned
from webhooks.querysets import (
    SigningSecretQuerySet,
    SubscriptionManager,
    SubscriptionQuerySet,
)

MAX_TIMEOUT_SECONDS = 60
DEFAULT_CONCURRENCY, MAX_CONCURRENCY = 50, 500
MAX_RATE_LIMIT = 60_000
MAX_ORDERING_SECONDS = 7 * 24 * 3_600
DEFAULT_SIGNATURE_HEADER = "X-Signature-256"


class Subscription(TenantOwned):
    """A foreign URL that gets a request for every event it asks for.

    ``url``, ``payload`` and the values of ``headers`` are templates; an empty payload stands for
    the event's standard envelope. Switched off, it gets no new deliveries, and those that are
    pending wait until it is switched on again. Deleted, it stays as a row that only
    ``with_deleted`` finds, until its deliveries are erased.
    """

    class Method(models.TextChoices):
        """How the request is made."""

        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"
        GET = "GET", "GET"

    class PayloadFormat(models.TextChoices):
        """How the rendered payload goes over the wire."""

        JSON = "json", "JSON"
        FORM = "form", "form fields"
        TEXT = "text", "text"

    class SignatureScheme(models.TextChoices):
        """What ``webhook-signature`` holds: v1 is HMAC-SHA256, v1a is ed25519."""

        HMAC = "hmac", "HMAC-SHA256 (v1)"
        ED25519 = "ed25519", "ed25519 (v1a)"
        BOTH = "both", "both"

    class Ordering(models.TextChoices):
        """Whether the deliveries of one entity keep the order of its events."""

        NONE = "none", "as fast as possible, in any order"
        SKIP = "skip", "in order; a failed one does not hold up the next"
        BLOCK = "block", "in order; a failed one holds up the next until it is delivered or dead"
        BLOCK_FOR = "block_for", "in order; a failed one holds up the next for a limited time"

    id = PrefixedIdField("sub", primary_key=True)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    event_types = models.JSONField(
        default=list, help_text="Event types and patterns, such as order.created or order.*"
    )
    filter = models.TextField(
        blank=True,
        help_text="An expression that must be true for an event to be sent, such as "
        "order.total > 100; empty to send every event of the types above.",
    )
    method = models.CharField(max_length=10, choices=Method, default=Method.POST)
    url = models.TextField(help_text="May hold templates: https://{{shop}}.example.com/hook")
    headers = EncryptedJSONField(
        default=list, blank=True, help_text="A list of {name, value}; values may hold templates."
    )
    payload_format = models.CharField(
        max_length=10, choices=PayloadFormat, default=PayloadFormat.JSON
    )
    payload = models.TextField(
        blank=True, help_text="A template; empty to send the event in its standard envelope."
    )
    signature_scheme = models.CharField(
        max_length=10, choices=SignatureScheme, default=SignatureScheme.HMAC
    )
    signature_header = models.CharField(
        max_length=100,
        blank=True,
        default=DEFAULT_SIGNATURE_HEADER,
        help_text="The header for the plain signature of the body (sha256=…); empty to leave it out.",
    )
    retry_policy = models.JSONField(
        default=dict, blank=True, help_text="Empty for the schedule of Standard Webhooks."
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TIMEOUT_SECONDS)],
        help_text="How long the receiver has to answer; empty for the installation's default.",
    )
    concurrency = models.PositiveSmallIntegerField(
        default=DEFAULT_CONCURRENCY,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CONCURRENCY)],
        help_text="How many requests the receiver may have open at once, at most.",
    )
    rate_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_RATE_LIMIT)],
        help_text="How many requests may be sent in a minute; empty for as many as there are.",
    )
    ordering = models.CharField(
        max_length=10,
        choices=Ordering,
        default=Ordering.NONE,
        help_text="Whether the events of one entity wait for each other.",
    )
    ordering_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_ORDERING_SECONDS)],
        help_text="How long a failing delivery holds up those behind it.",
    )
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[SubscriptionManager] = SubscriptionManager()
    with_deleted: ClassVar[Any] = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="subscription_by_tenant"),
            models.Index(
                fields=["id"],
                condition=models.Q(deleted_at__isnull=False),
                name="subscription_deleted",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(enabled=False),
                name="subscription_deleted_is_off",
            ),
            models.CheckConstraint(
                condition=models.Q(enabled=False) | models.Q(disabled_reason=""),
                name="subscription_enabled_has_no_reason_to_be_off",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SigningSecret(TenantOwned):
    """A key that signs one subscription's deliveries, until ``expires_at`` if it was replaced."""

    class Kind(models.TextChoices):
        """What the key is for."""

        HMAC = "hmac", "HMAC-SHA256"
        ED25519 = "ed25519", "ed25519"

    id = PrefixedIdField("sec", primary_key=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="secrets")
    kind = models.CharField(max_length=10, choices=Kind)
    secret = EncryptedTextField(editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = SigningSecretQuerySet.as_manager()

    class Meta:
        verbose_name = "signing secret"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.id}"

    def live(self, now: datetime) -> bool:
        """Say whether deliveries are signed with it at ``now``."""
        return self.expires_at is None or now < self.expires_at
