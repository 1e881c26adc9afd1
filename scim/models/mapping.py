"""How the attributes of users become the fields that the product and its events know."""

from typing import Any, ClassVar

from django.db import models

from core.errors import ImmutableError
from core.ids import PrefixedIdField
from core.models import TenantOwned
from core.querysets import TenantQuerySet


class Mapping(TenantOwned):
    """One version of a tenant's attribute mapping, never altered. The highest one is in force.

    ``fields`` is a list of rules as ``records.mapping`` reads them. A tenant without a version has
    the mapping that ``scim.describing`` has built in.
    """

    id = PrefixedIdField("map", primary_key=True)
    version = models.PositiveIntegerField()
    fields = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        verbose_name = "attribute mapping"
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "version"], name="mapping_version_once_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise ImmutableError("a version of a mapping is never altered: write a new one")
        super().save(*args, **options)
