"""Questions that every app asks of its rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models.functions import Length

from core.errors import ImmutableError

if TYPE_CHECKING:
    from core.models import (  # noqa: F401  # named in the types below
        ApiKey,
        AuditEntry,
        ConfigValue,
        Event,
        EventType,
        IdempotencyKey,
        RateBucket,
        Tenant,
        User,
    )

MICROSECONDS = 1_000_000

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[Row_co]):
    """The only way to a tenant's rows."""

    def for_tenant(self, tenant: Tenant) -> Self:
        """Return the rows of one tenant."""
        return self.filter(tenant=tenant)

    def visible_to(self, user: User) -> Self:
        """Return what a member of staff may see: all, or the rows of their own tenant."""
        return self.all() if user.tenant_id is None else self.filter(tenant_id=user.tenant_id)


class ApiKeyQuerySet(TenantQuerySet["ApiKey"]):
    """Questions about API keys."""

    def usable(self, now: datetime) -> Self:
        """Return the keys that open the door at ``now``."""
        return self.in_force(now).filter(tenant__active=True)

    def in_force(self, now: datetime) -> Self:
        """Return the keys that are neither revoked nor expired at ``now``.

        Fit for an UPDATE that decides a race: it asks about the row alone. With another table in
        the question PostgreSQL would not ask it again after waiting for the other writer.
        """
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)


class ConfigValueQuerySet(TenantQuerySet["ConfigValue"]):
    """Questions about configuration values."""

    def as_dict(self) -> dict[str, str]:
        """Return name to value, decrypted, as templates read it under ``config``."""
        return {row.name: row.value for row in self}


class EventQuerySet(TenantQuerySet["Event"]):
    """Questions about events."""

    def undispatched(self) -> Self:
        """Return the events that have no position in the log yet, oldest first."""
        return self.filter(position=None).order_by("occurred_at", "id")

    def within(self, size: int) -> list[Any]:
        """Return the ids of the first events whose data is ``size`` characters together.

        There is always one if there is any, however large its data.
        """
        ids: list[Any] = []
        total = 0
        for row, length in self.annotate(length=Length("data")).values_list("id", "length"):
            total += length or 0
            if ids and total > size:
                break
            ids.append(row)
        return ids

    def after(self, position: int) -> Self:
        """Return the numbered events behind ``position``, in the order of the log."""
        return self.filter(position__gt=position).order_by("position")


class EventTypeQuerySet(TenantQuerySet["EventType"]):
    """Questions about the catalogue of event types."""

    def named(self, name: str) -> Self:
        """Return the definition of one type, if there is one."""
        return self.filter(name=name)


class AuditEntryQuerySet(TenantQuerySet["AuditEntry"]):
    """Audit entries can be read and added, never changed."""

    def update(self, **values: Any) -> int:
        raise ImmutableError("audit entries are append-only")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ImmutableError("audit entries are append-only")

    def of(self, target: models.Model) -> Self:
        """Return the history of one row."""
        kind = target._meta.label_lower  # noqa: SLF001  # Django's documented API
        return self.filter(target_type=kind, target_id=str(target.pk))


class IdempotencyKeyQuerySet(TenantQuerySet["IdempotencyKey"]):
    """Questions about remembered answers."""

    def expired(self, now: datetime) -> Self:
        """Return the answers that are no longer given again."""
        return self.filter(expires_at__lte=now)


class RateBucketQuerySet(models.QuerySet["RateBucket"]):
    """Questions about rate limits."""

    def full(self, now: datetime) -> Self:
        """Return the buckets with nothing booked any more: a missing one means the same."""
        return self.filter(full_at__lte=int(now.timestamp() * MICROSECONDS))
