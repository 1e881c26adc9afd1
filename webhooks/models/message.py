"""What endpoints have received, and what they have refused."""

from typing import Any, ClassVar

from django.db import models

from core.ids import PrefixedIdField
from core.models import Event, Tenant, TenantLog, TenantOwned
from webhooks.models.endpoint import Endpoint
from webhooks.querysets import MessageManager, MessageQuerySet, RefusalManager


class Message(TenantOwned):
    """A request that an endpoint has accepted, as it arrived. Written before it is acknowledged.

    ``body`` is None once it has been erased. ``key`` tells a repeat; without one, nothing does. It
    waits to become an event while it has a ``due_at``. ``trace`` says, line by line, why it was
    believed. ``headers`` are a list of [name, value], secrets blotted out.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RECEIVED = "received"
        PROCESSED = "processed"
        FAILED = "failed"

    id = PrefixedIdField("msg", primary_key=True)
    # Every index that begins with the tenant serves as its own; the endpoint has the same tenant.
    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    # To have the database check it would cost a lock on the endpoint's one row with every message;
    # messages are written only while the row is there, and it goes last: see ``webhooks.deletion``.
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="messages", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=200, null=True)  # "" is no key, and not unique
    method = models.CharField(max_length=10)
    query = models.TextField(blank=True)
    headers = models.JSONField(default=list)
    body = models.BinaryField(null=True)
    size = models.PositiveIntegerField()
    ip_address = models.GenericIPAddressField(null=True)
    received_at = models.DateTimeField()
    trace = models.JSONField(default=list)
    sample = models.BooleanField(
        default=False, help_text="Whether it was sent from here, to try the endpoint."
    )
    # What the sender was told, and is told again when it repeats itself.
    answer = models.JSONField()
    repeats = models.PositiveIntegerField(default=0)
    repeated_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    due_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    event_type = models.CharField(max_length=200, blank=True)
    # The latest one: a replay makes another. Events go only with their tenant, as messages do.
    event = models.ForeignKey(
        Event, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    processed_at = models.DateTimeField(null=True)

    objects: ClassVar[MessageManager] = MessageManager()
    with_deleted: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "key"], name="message_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(state="received", due_at__isnull=False)
                | models.Q(~models.Q(state="received"), due_at__isnull=True),
                name="message_received_is_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "due_at", "id"],
                condition=models.Q(due_at__isnull=False),
                name="message_due",
            ),
            models.Index(fields=["tenant", "-id"], name="message_by_tenant"),
            models.Index(fields=["endpoint", "-id"], name="message_by_endpoint"),
            models.Index(
                fields=["tenant", "-id"],
                condition=models.Q(state="failed"),
                name="message_failed",
            ),
            models.Index(
                fields=["tenant", "received_at"],
                condition=models.Q(body__isnull=False),
                name="message_with_body",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Refusal(TenantLog):
    """How many requests were refused for one ``reason`` in one hour, and what one of them looked like.

    ``place`` is the id of the endpoint, empty for URLs at which there is none; those of no tenant at
    all belong to the installation. The rest is of one of the latest, which came at ``sampled_at``: headers
    are redacted, and of the body there is only the beginning.
    """

    id = PrefixedIdField("ref", primary_key=True)
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, related_name="refusals", db_constraint=False
    )
    place = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=40)
    hour = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    sampled_at = models.DateTimeField()
    explanation = models.CharField(max_length=300, blank=True)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    headers = models.JSONField(default=list)
    body = models.TextField(blank=True)
    ip_address = models.GenericIPAddressField(null=True)

    objects: ClassVar[RefusalManager] = RefusalManager()

    class Meta:
        ordering = ["-hour", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "place", "reason", "hour"], name="refusal_once_an_hour"
            ),
            models.UniqueConstraint(
                fields=["place", "reason", "hour"],
                condition=models.Q(tenant=None),
                name="refusal_of_nobody_once_an_hour",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-hour", "-id"], name="refusal_by_tenant"),
            models.Index(fields=["-hour", "-id"], name="refusal_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.hour:%Y-%m-%d %H:%M}"
