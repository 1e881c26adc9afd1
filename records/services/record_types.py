"""Defining kinds of records.

A new schema or new rules hold for what is written from now on; records that are there already are
not looked at again until somebody changes them. A new key field is applied to all of them at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core import audit
from core.models import Tenant
from core.types import Actor, Json
from core.validation import (
    InvalidSchemaError,
    ValidationSetupError,
    check_schema,
)
from records import keys
from records.conformity import RESERVED_PROPERTIES
from records.errors import (
    DuplicateRecordTypeError,
    InvalidRecordTypeError,
    RecordTypeInUseError,
    UnknownRecordTypeError,
)
from records.models import SLUG, Record, RecordType
from records.rules import RuleError, compile_rules

BATCH_SIZE = 500

# Templates and filters know these by another meaning than "the record that changed".
RESERVED_SLUGS = frozenset({"config", "data", "event", "timestamp", "true", "false", "null"})


def hold(tenant: Tenant, slug: str) -> RecordType:
    """Return a type that stays as it is until the transaction ends, for writing its records.

    Raises UnknownRecordTypeError.
    """
    record_type: RecordType | None = RecordType.objects.held(tenant, slug)
    if record_type is None:
        raise UnknownRecordTypeError(slug)
    record_type.tenant = tenant
    return record_type


@transaction.atomic
def create_record_type(
    tenant: Tenant,
    slug: str,
    *,
    name: str,
    actor: Actor,
    description: str = "",
    schema: Mapping[str, Json] | None = None,
    rules: Sequence[Mapping[str, Json]] = (),
    key_field: str = "",
) -> RecordType:
    """Define a kind of record. Raises InvalidRecordTypeError and DuplicateRecordTypeError."""
    _check_slug(slug)
    record_type = RecordType(
        tenant=tenant,
        slug=slug,
        name=name,
        description=description,
        schema=cast("Any", schema or {}),
        rules=cast("Any", list(rules)),
        key_field=key_field,
    )
    _check(record_type)
    try:
        with transaction.atomic():
            record_type.save(force_insert=True)
    except IntegrityError as error:
        raise DuplicateRecordTypeError(f"There is a record type {slug} already.") from error
    audit.record("record_type.created", tenant=tenant, actor=actor, target=record_type)
    return record_type


@transaction.atomic
def update_record_type(
    tenant: Tenant,
    slug: str,
    *,
    actor: Actor,
    name: str | None = None,
    description: str | None = None,
    schema: Mapping[str, Json] | None = None,
    rules: Sequence[Mapping[str, Json]] | None = None,
    key_field: str | None = None,
) -> RecordType:
    """Change what is given; waits until nobody is writing records of the type.

    Raises UnknownRecordTypeError and InvalidRecordTypeError, the latter also when the records
    that exist cannot have the new key.
    """
    record_type = _lock(tenant, slug)
    given: dict[str, Any] = {
        "name": name,
        "description": description,
        "schema": schema,
        "rules": None if rules is None else list(rules),
        "key_field": key_field,
    }
    changed = [
        field
        for field, value in given.items()
        if value is not None and value != getattr(record_type, field)
    ]
    if not changed:
        return record_type
    for field in changed:
        setattr(record_type, field, given[field])
    _check(record_type)
    record_type.save(update_fields=[*changed, "updated_at"])
    if "key_field" in changed:
        _give_keys(record_type)
    audit.record(
        "record_type.updated",
        tenant=tenant,
        actor=actor,
        target=record_type,
        details={"fields": changed},
    )
    return record_type


@transaction.atomic
def delete_record_type(tenant: Tenant, slug: str, *, actor: Actor) -> None:
    """Delete a type that has no records. Its events stay in the log and in the feed.

    Raises UnknownRecordTypeError and RecordTypeInUseError.
    """
    record_type = _lock(tenant, slug)
    if Record.objects.of_type(record_type).exists():
        raise RecordTypeInUseError(
            f"There are still records of the type {slug}; delete them first."
        )
    audit.record("record_type.deleted", tenant=tenant, actor=actor, target=record_type)
    record_type.delete()


def _lock(tenant: Tenant, slug: str) -> RecordType:
    rows = RecordType.objects.for_tenant(tenant).select_for_update()
    record_type: RecordType | None = rows.filter(slug=slug).first()
    if record_type is None:
        raise UnknownRecordTypeError(slug)
    record_type.tenant = tenant
    return record_type


def _check_slug(slug: str) -> None:
    try:
        SLUG(slug)
    except ValidationError as error:
        raise InvalidRecordTypeError("slug", error.messages[0]) from error
    if slug in RESERVED_SLUGS or f"{slug}." in settings.RESERVED_EVENT_PREFIXES:
        raise InvalidRecordTypeError(
            "slug", f"The name {slug} has a meaning of its own; use another."
        )


def _check(record_type: RecordType) -> None:
    """Refuse what could not be used, before it is stored."""
    if not record_type.name.strip():
        raise InvalidRecordTypeError("name", "Give the record type a name, such as Order.")
    try:
        if record_type.schema:
            check_schema(record_type.schema, reserved=RESERVED_PROPERTIES)
    except InvalidSchemaError as error:
        raise InvalidRecordTypeError("schema", error.message, error.path) from error
    except ValidationSetupError as error:
        raise InvalidRecordTypeError("schema", str(error)) from error
    try:
        compile_rules(record_type.rules, record_type=record_type.slug)
    except RuleError as error:
        raise InvalidRecordTypeError("rules", str(error), f"[{error.index - 1}]") from error
    except ValidationSetupError as error:
        raise InvalidRecordTypeError("rules", str(error)) from error
    _check_key_field(record_type.key_field)


def _check_key_field(key_field: str) -> None:
    if not key_field:
        return
    first, _, _ = key_field.partition(".")
    if not keys.FIELD.fullmatch(key_field) or first in RESERVED_PROPERTIES:
        raise InvalidRecordTypeError(
            "key_field", "Name one field, such as number or customer.email."
        )


def _give_keys(record_type: RecordType) -> None:
    """Fill the key of every record anew, after the type's key field has changed."""
    records = Record.objects.of_type(record_type)
    records.update(key=None)
    if not record_type.key_field:
        return
    batch = list(records.order_by("id")[:BATCH_SIZE])
    while batch:
        for record in batch:
            record.key = _key_for(record, record_type.key_field)
        try:
            with transaction.atomic():
                Record.objects.bulk_update(batch, ["key"])
        except IntegrityError as error:
            raise InvalidRecordTypeError(
                "key_field", f"Two records have the same {record_type.key_field}."
            ) from error
        batch = list(records.filter(id__gt=batch[-1].id).order_by("id")[:BATCH_SIZE])


def _key_for(record: Record, key_field: str) -> str | None:
    try:
        return keys.key_of(record.data, key_field)
    except keys.KeyValueError as error:
        raise InvalidRecordTypeError(
            "key_field", f"The {key_field} of {record.id} {error}."
        ) from error
