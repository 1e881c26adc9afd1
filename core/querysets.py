"""Questions that every app asks of its rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models

from core.errors import ImmutableError

if TYPE_CHECKING:
    from core.models import ApiKey, AuditEntry, ConfigValue, Event, EventType, Tenant, User

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[Row]):
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
        return self.filter(revoked_at=None, tenant__active=True).exclude(expires_at__lte=now)


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
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))

