"""Questions about records and record types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import connections

from core.querysets import TenantQuerySet

if TYPE_CHECKING:
    from core.models import Tenant
    from records.models import Record, RecordType


class RecordTypeQuerySet(TenantQuerySet["RecordType"]):
    """Questions about record types."""

    def held(self, tenant: Tenant, slug: str) -> RecordType | None:
        """Return a type that cannot change or go away before the transaction ends.

        Many may hold it at once (``FOR SHARE``); SQLite has a single writer anyway.
        """
        rows = self.for_tenant(tenant).filter(slug=slug).order_by()
        if connections[rows.db].vendor != "postgresql":
            return rows.first()
        sql, parameters = rows.query.sql_with_params()
        return next(iter(self.model.objects.raw(f"{sql} FOR SHARE", parameters)), None)


class RecordQuerySet(TenantQuerySet["Record"]):
    """Questions about records."""

    def of_type(self, record_type: RecordType) -> Self:
        """Return the records of one type."""
        return self.filter(tenant=record_type.tenant_id, type=record_type)

    def locked(self, record_id: str) -> Record | None:
        """Return one record that nobody else can change before the transaction ends."""
        return self.select_for_update().filter(id=record_id).first()
