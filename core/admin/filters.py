"""Filters at the side of the lists."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from core.admin.actors import staff_of
from core.models import Tenant

MAX_CHOICES = 500


class TenantFilter(DropdownFilter):  # type: ignore[misc]  # unfold is not typed
    """One tenant's rows; only operators get to choose."""

    title = "tenant"
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Tenant.objects.values_list("slug", "slug").order_by("slug")[:MAX_CHOICES])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        slug = self.value()
        return queryset.filter(tenant__slug=slug) if slug else queryset


class RelatedFilter(RelatedDropdownFilter):  # type: ignore[misc]
    """Rows that belong to another row; offers only what the person may see."""

    def field_choices(
        self, field: Field[Any, Any], request: HttpRequest, model_admin: Any
    ) -> list[tuple[Any, str]]:
        related = field.related_model
        rows: QuerySet[Any] = related._default_manager.select_related("tenant")  # type: ignore[union-attr]  # noqa: SLF001  # Django's API
        user = staff_of(request)
        if user.tenant_id is None:
            return [(row.pk, f"{row} · {row.tenant}") for row in rows[:MAX_CHOICES]]
        own = rows.filter(tenant_id=user.tenant_id)
        return [(row.pk, str(row)) for row in own[:MAX_CHOICES]]


class RecentFilter(DropdownFilter):  # type: ignore[misc]
    """How long ago something happened. Subclasses name the column."""

    title = "time"
    parameter_name = "since"
    column = "created_at"
    SPANS: Sequence[tuple[str, str, timedelta]] = (
        ("1h", "The last hour", timedelta(hours=1)),
        ("24h", "The last 24 hours", timedelta(hours=24)),
        ("7d", "The last 7 days", timedelta(days=7)),
        ("30d", "The last 30 days", timedelta(days=30)),
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, label) for name, label, _span in self.SPANS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        spans = {name: span for name, _label, span in self.SPANS}
        span = spans.get(self.value())
        if span is None:
            return queryset
        return queryset.filter(**{f"{self.column}__gte": timezone.now() - span})


class OccurredFilter(RecentFilter):
    """How long ago an event happened."""

    column = "occurred_at"
