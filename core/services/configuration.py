"""Changes to configuration values."""

from django.core.exceptions import ValidationError
from django.db import transaction

from core import audit
from core.models import ConfigValue, Tenant
from core.models.configuration import NAME
from core.types import Actor


@transaction.atomic
def set_config_value(
    tenant: Tenant, name: str, value: str, *, actor: Actor, description: str | None = None
) -> ConfigValue:
    """Create or replace a configuration value; the audit entry does not hold it.

    Raises ValidationError for a name that templates could not write.
    """
    try:
        NAME(name)
    except ValidationError as error:
        raise ValidationError({"name": error}) from error
    defaults = {"value": value}
    if description is not None:
        defaults["description"] = description
    row, created = ConfigValue.objects.update_or_create(tenant=tenant, name=name, defaults=defaults)
    action = "config_value.created" if created else "config_value.replaced"
    audit.record(action, tenant=tenant, actor=actor, target=row)
    stored: ConfigValue = row
    return stored


@transaction.atomic
def delete_config_value(row: ConfigValue, *, actor: Actor) -> None:
    """Delete a configuration value; templates that name it render null from now on."""
    audit.record("config_value.deleted", tenant=row.tenant, actor=actor, target=row)
    row.delete()
