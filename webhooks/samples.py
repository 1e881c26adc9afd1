"""Events that have not happened, for previews, tests and checks."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from core import event_types
from core.ids import new_id
from core.models import ConfigValue, Event, Tenant
from core.types import Json
from webhooks import patterns, rendering


def envelope(
    tenant: Tenant, event_type: str, data: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    """Return an event of ``event_type`` with ``data``, or with the example of the catalogue."""
    if data is None:
        info = event_types.find(tenant, event_type)
        data = (info.example if info else None) or {"id": "example"}
    event = Event(
        id=new_id("evt"),
        tenant=tenant,
        type=event_type,
        entity_id=str(data.get("id", "")),
        occurred_at=timezone.now(),
        correlation_id="example",
    )
    event.data = dict(data)
    return event.envelope()


def type_for(tenant: Tenant, wanted: Sequence[str]) -> str:
    """Return the event type to try patterns with.

    That is one they name, else the first of the catalogue that they match, else one made up.
    """
    for pattern in wanted:
        if "*" not in pattern:
            return pattern
    for info in event_types.catalogue(tenant):
        if patterns.matches(wanted, info.name):
            return info.name
    return _made_up(next(iter(wanted), "*"))


def _made_up(pattern: str) -> str:
    first, *others = pattern.split(".") if "." in pattern else ["*", "*"]
    thing = "example" if first == "*" else first
    return ".".join([thing, *("happened" if word == "*" else word for word in others)])


def placeholders(tenant: Tenant, names: frozenset[str]) -> dict[str, str]:
    """Return a stand-in for every configuration value that templates read.

    Configuration values can be written but never read back, and whatever a template made of one
    would show it, so previews are made without them. The stand-ins fit everywhere, host names
    included: the value of ``config.api_key`` becomes ``config-api-key``.
    """
    wanted = rendering.config_names(names)
    rows = ConfigValue.objects.for_tenant(tenant)
    if wanted is not None:
        rows = rows.filter(name__in=wanted)
    stored = rows.values_list("name", flat=True)
    return {name: f"config-{name.replace('_', '-')}" for name in stored}
