"""The tenant, and the base of everything it owns."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from core.ids import PrefixedIdField
from core.querysets import TenantQuerySet

SLUG = RegexValidator(
    r"^[a-z][a-z0-9-]{0,62}\Z",
    "Use lower-case letters, digits and hyphens, starting with a letter (at most 63 characters).",
)
DEFAULT_RETENTION_DAYS, MAX_RETENTION_DAYS = 90, 3_650


class Tenant(models.Model):
    """A customer organization. Switched off, none of its credentials works and nothing is sent."""

    id = PrefixedIdField("ten", primary_key=True)
    slug = models.CharField(
        max_length=63,
        unique=True,
        validators=[SLUG],
        help_text="Part of the tenant's URLs; cannot be reused.",
    )
    name = models.CharField(max_length=200)
    active = models.BooleanField(
        default=True, help_text="Switch off to refuse every request and stop every delivery."
    )
    retention_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        default=DEFAULT_RETENTION_DAYS,
        validators=[MaxValueValidator(MAX_RETENTION_DAYS)],
        help_text="After how many days the data of events and the attempts to deliver them are"
        " erased; that they happened stays known. Empty or 0 to keep everything.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class TenantOwned(models.Model):
    """Base of every row that belongs to a tenant."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class TenantLog(models.Model):
    """Base of the logs: written by the product, read by staff, changed by nobody.

    ``tenant`` is empty for what concerns the whole installation.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, related_name="+")

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True
