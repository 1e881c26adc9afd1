"""What the events of record types look like, for the catalogue of event types."""

from collections.abc import Mapping, Sequence
from typing import cast

from core.models import Tenant
from core.types import EventTypeInfo, Json
from records.examples import alternative, example, resolved
from records.models import RecordType
from records.types import Operation

EXAMPLE_ID = "rec_01kaj2v8x5fq3t9w6y4n7m0r2c"

ID: Mapping[str, Json] = {"type": "string", "description": "The id of the record."}
CHANGES: Mapping[str, Json] = {
    "type": "object",
    "description": "What changed, by path: old and new value, or what a list gained and lost.",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "old": {},
            "new": {},
            "added": {"type": "array"},
            "removed": {"type": "array"},
        },
        "additionalProperties": False,
    },
}
# These count the fields of a record, to which the event adds its own.
COUNTING = ("maxProperties", "minProperties", "propertyNames", "unevaluatedProperties")
SENTENCES = {
    Operation.CREATED: "Somebody created a record of the type {name}.",
    Operation.UPDATED: "Somebody changed a record of the type {name}.",
    Operation.DELETED: "Somebody deleted a record of the type {name}; its last data is given.",
}


def describe(tenant: Tenant) -> Sequence[EventTypeInfo]:
    """Return the three event types of each of a tenant's record types."""
    return [
        _info(record_type, operation)
        for record_type in RecordType.objects.for_tenant(tenant)
        for operation in Operation
    ]


def _info(record_type: RecordType, operation: Operation) -> EventTypeInfo:
    return EventTypeInfo(
        name=f"{record_type.slug}.{operation}",
        description=SENTENCES[operation].format(name=record_type.name),
        schema=event_schema(record_type.schema, operation),
        example=event_example(record_type.schema, operation),
        source="record type",
    )


def event_schema(schema: Mapping[str, Json], operation: Operation) -> dict[str, Json]:
    """Return the schema of an event's data: the record's, with the fields that events add."""
    added: dict[str, Json] = {"id": ID}
    if operation is Operation.UPDATED:
        added["changes"] = CHANGES
    kept = {name: value for name, value in schema.items() if name not in COUNTING}
    # Examples of a record lack what the event adds.
    kept.pop("examples", None)
    kept.pop("default", None)
    return {
        **kept,
        "type": "object",
        "properties": {**added, **cast("Mapping[str, Json]", schema.get("properties", {}))},
        "required": [*added, *cast("Sequence[str]", schema.get("required", ()))],
    }


def event_example(schema: Mapping[str, Json], operation: Operation) -> dict[str, Json]:
    """Return data that such an event might carry."""
    data = example({"type": "object", **schema}) if schema else {}
    record = dict(data) if isinstance(data, Mapping) else {}
    if operation is not Operation.UPDATED:
        return {"id": EXAMPLE_ID, **record}
    return {"id": EXAMPLE_ID, **record, "changes": _changes(schema, record)}


def _changes(schema: Mapping[str, Json], record: Mapping[str, Json]) -> dict[str, Json]:
    """Return a change of the field that best shows one: a plain one, a choice if there is one."""
    properties = cast("Mapping[str, Json]", resolved(schema, schema).get("properties", {}))
    fields = {
        name: resolved(schema, properties.get(name, {}))
        for name, value in record.items()
        if isinstance(value, str | int | float)
    }
    if not fields:
        return {}
    name = max(fields, key=lambda field: "enum" in fields[field])
    return {name: {"old": alternative(fields[name], record[name]), "new": record[name]}}
