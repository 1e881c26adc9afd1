"""Changes to a tenant's own event types, and events that it publishes itself."""

import json
from collections.abc import Mapping
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit, event_types, events, strict_json
from core.errors import DuplicateEventTypeError, InvalidEventError
from core.models import Event, EventType, Tenant
from core.types import Actor, Json
from core.validation import CompiledSchema, compile_schema

MAX_DATA_BYTES = 256 * 1024


@transaction.atomic
def create_event_type(
    tenant: Tenant,
    *,
    name: str,
    actor: Actor,
    description: str = "",
    schema: Mapping[str, Json] | None = None,
    example: Mapping[str, Json] | None = None,
) -> EventType:
    """Define an event type that the tenant publishes itself.

    Raises InvalidEventTypeError, ReservedEventTypeError, DuplicateEventTypeError,
    InvalidSchemaError, and InvalidEventError for an example that does not fit the schema.
    """
    event_types.check_custom_name(tenant, name)
    _check_definition(schema or {}, example or {})
    try:
        with transaction.atomic():
            row = EventType(tenant=tenant, name=name, description=description)
            row.schema = schema or {}
            row.example = example or {}
            row.save(force_insert=True)
    except IntegrityError as error:
        raise DuplicateEventTypeError(f"The event type {name} is defined already.") from error
    audit.record("event_type.created", tenant=tenant, actor=actor, target=row)
    return row


@transaction.atomic
def update_event_type(
    row: EventType,
    *,
    actor: Actor,
    description: str,
    schema: Mapping[str, Json],
    example: Mapping[str, Json],
) -> EventType:
    """Replace a definition. Events that are published already are not looked at again.

    Raises InvalidSchemaError, and InvalidEventError for an example that does not fit the schema.
    """
    _check_definition(schema, example)
    row.description = description
    row.schema = schema
    row.example = example
    row.save(update_fields=["description", "schema", "example"])
    audit.record("event_type.changed", tenant=row.tenant, actor=actor, target=row)
    return row


@transaction.atomic
def delete_event_type(row: EventType, *, actor: Actor) -> None:
    """Take a type out of the catalogue. Its events stay, and it can still be published."""
    audit.record("event_type.deleted", tenant=row.tenant, actor=actor, target=row)
    row.delete()


def publish_custom(
    tenant: Tenant, event_type: str, data: Mapping[str, Json], *, actor: Actor, entity_id: str = ""
) -> Event:
    """Publish an event of the tenant's own, checked against the catalogue if it stands there.

    The moment it happened is now, by our clock. Raises InvalidEventTypeError and
    ReservedEventTypeError for its name, and InvalidEventError for its data.
    """
    event_types.check_custom_name(tenant, event_type)
    size = len(strict_json.dumps(data))
    if size > MAX_DATA_BYTES:
        raise InvalidEventError(
            f"The data of an event may have at most {MAX_DATA_BYTES} bytes as JSON, not {size}."
        )
    definition = EventType.objects.for_tenant(tenant).named(event_type).first()
    if definition is not None:
        _check_data(definition.schema, data, f"The data does not fit the schema of {event_type}.")
    return events.publish(
        tenant,
        event_type,
        data,
        actor=actor,
        occurred_at=timezone.now(),
        entity_id=entity_id,
    )


def _check_definition(schema: Mapping[str, Json], example: Mapping[str, Json]) -> None:
    if schema:
        _compiled(json.dumps(schema))
    if example:
        _check_data(schema, example, "The example does not fit the schema.")


def _check_data(schema: Mapping[str, Json], data: Mapping[str, Json], message: str) -> None:
    """Raise InvalidEventError unless ``data`` fits; an empty schema takes anything."""
    if schema and (violations := _compiled(json.dumps(schema)).check(data)):
        raise InvalidEventError(message, violations)


@lru_cache(maxsize=256)
def _compiled(schema: str) -> CompiledSchema:
    return compile_schema(json.loads(schema))
