"""Values a tenant's templates and scripts read as ``config.<name>``."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models

from core.crypto import EncryptedTextField
from core.ids import PrefixedIdField
from core.models.tenant import TenantOwned
from core.querysets import ConfigValueQuerySet

NAME = RegexValidator(
    r"^[a-z][a-z0-9_]{0,62}\Z",
    "Use lower-case letters, digits and underscores, starting with a letter.",
)


class ConfigValue(TenantOwned):
    """A secret or setting of a tenant, encrypted; it can be replaced but never read back."""

    id = PrefixedIdField("cfg", primary_key=True)
    name = models.CharField(max_length=63, validators=[NAME])
    value = EncryptedTextField()
    description = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ConfigValueQuerySet.as_manager()

    class Meta:
        verbose_name = "configuration value"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="config_value_once_per_tenant"),
        ]

    def __str__(self) -> str:
        return self.name
