"""What happened: the outbox, the log and the catalogue of types."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models

from core import event_names
from core.errors import ImmutableError
from core.fields import JsonTextField
from core.ids import PrefixedIdField
from core.models.tenant import Tenant, TenantOwned
from core.querysets import EventQuerySet, EventTypeQuerySet
from core.types import Json


def wire_moment(moment: datetime) -> str:
    """Return a moment as it goes over the wire: UTC, ISO 8601 with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Event(TenantOwned):
    """Something that happened. Written in the transaction of the change, never altered.

    ``position`` is its place in the tenant's log, without gaps; it is given at dispatch, so only
    committed events ever have one. ``data`` is emptied when its retention period is over.
    """

    id = PrefixedIdField("evt", primary_key=True)
    # Every index that begins with the tenant serves as its own.
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=event_names.MAX_CHARACTERS)
    entity_id = models.CharField(max_length=200, blank=True)
    record_type = models.CharField(
        max_length=63,
        blank=True,
        help_text="The kind of record whose change this is; empty for every other event.",
    )
    occurred_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=128)
    actor = models.JSONField(default=dict)
    data = JsonTextField(null=True)
    position = models.PositiveBigIntegerField(null=True)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "position"], name="event_position_is_unique"),
        ]
        indexes = [
            # the dispatcher's question: what has no position yet?
            models.Index(
                fields=["tenant", "occurred_at", "id"],
                condition=models.Q(position=None),
                name="event_undispatched",
            ),
            # what is there to erase?
            models.Index(
                fields=["tenant", "occurred_at", "id"],
                condition=models.Q(data__isnull=False),
                name="event_with_data",
            ),
            models.Index(fields=["tenant", "type", "id"], name="event_by_type"),
            models.Index(fields=["tenant", "entity_id", "id"], name="event_by_entity"),
            models.Index(fields=["tenant", "correlation_id"], name="event_by_correlation"),
            # the feed of changes: of every record type, and of one
            models.Index(
                fields=["tenant", "position"],
                condition=models.Q(position__isnull=False) & ~models.Q(record_type=""),
                name="event_of_any_record",
            ),
            models.Index(
                fields=["tenant", "record_type", "position"],
                condition=models.Q(position__isnull=False) & ~models.Q(record_type=""),
                name="event_of_record_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("a published event cannot be changed")
        super().save(*args, **options)

    @property
    def timestamp(self) -> str:
        """The moment it happened, UTC, ISO 8601 with milliseconds and ``Z``."""
        return wire_moment(self.occurred_at)

    def envelope(self) -> dict[str, Json]:
        """Return the event as it goes over the wire."""
        return {
            "id": self.id,
            "type": self.type,
            "timestamp": self.timestamp,
            "entity_id": self.entity_id,
            "correlation_id": self.correlation_id,
            "data": self.data,
        }


class EventLog(models.Model):
    """Where a tenant's log ends. Its row is the lock that lets one dispatcher number at a time."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.CASCADE, primary_key=True, related_name="event_log"
    )
    last_position = models.PositiveBigIntegerField(default=0)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"log of {self.tenant_id}"


class EventType(TenantOwned):
    """An event type that a tenant publishes itself: what it means and how its data looks."""

    id = PrefixedIdField("ety", primary_key=True)
    name = models.CharField(max_length=event_names.MAX_CHARACTERS)
    description = models.CharField(max_length=500, blank=True)
    schema = JsonTextField(
        default=dict, blank=True, help_text="JSON Schema of the data; empty to accept any object."
    )
    example = JsonTextField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = EventTypeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="event_type_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.name
