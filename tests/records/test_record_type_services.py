from typing import Any

import pytest

from core.models import AuditEntry, Tenant
from core.types import Actor
from records import services
from records.errors import (
    DuplicateRecordTypeError,
    InvalidRecordError,
    InvalidRecordTypeError,
    RecordTypeInUseError,
    UnknownRecordTypeError,
)
from records.models import Record, RecordType
from tests.orders import ORDER_SCHEMA, make_order_type, order, stored_keys


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_type_is_stored_as_it_was_written(tenant: Tenant, order_type: RecordType) -> None:
    row = RecordType.objects.get()

    assert (row.slug, row.name, row.key_field) == ("order", "Order", "number")
    assert row.schema == ORDER_SCHEMA
    assert list(row.schema["properties"]) == list(ORDER_SCHEMA["properties"])
    assert actions() == ["record_type.created"]


@pytest.mark.parametrize(
    "slug", ["", "Order", "1order", "order-line", "order.created", "a" * 64, "órden", "order\n"]
)
def test_a_slug_that_cannot_stand_in_an_event_type_is_refused(
    tenant: Tenant, actor: Actor, slug: str
) -> None:
    with pytest.raises(InvalidRecordTypeError) as caught:
        services.create_record_type(tenant, slug, name="Order", actor=actor)

    assert caught.value.field == "slug"
    assert RecordType.objects.count() == 0


@pytest.mark.parametrize("slug", ["webhook", "inbound", "data", "event", "config", "null"])
def test_a_slug_with_a_meaning_of_its_own_is_refused(
    tenant: Tenant, actor: Actor, slug: str
) -> None:
    with pytest.raises(InvalidRecordTypeError, match="meaning of its own"):
        services.create_record_type(tenant, slug, name="Thing", actor=actor)

    assert RecordType.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "field"),
    [
        pytest.param({"name": " "}, "name", id="blank-name"),
        pytest.param({"schema": {"type": "array"}}, "schema", id="not-an-object"),
        pytest.param({"schema": {"type": "object", "required": 1}}, "schema", id="no-schema"),
        pytest.param(
            {"schema": {"type": "object", "properties": {"id": {}}}}, "schema", id="reserved"
        ),
        pytest.param(
            {"schema": {"type": "object", "$ref": "https://example.com/order.json"}},
            "schema",
            id="remote-reference",
        ),
        pytest.param({"rules": [{"field": "total"}]}, "rules", id="rule-without-check"),
        pytest.param({"rules": [{"validator": "min:1"}]}, "rules", id="rule-without-field"),
        pytest.param({"rules": ["min:1"]}, "rules", id="rule-no-object"),
        pytest.param({"key_field": "items[0]"}, "key_field", id="key-in-a-list"),
        pytest.param({"key_field": "id"}, "key_field", id="key-reserved"),
        pytest.param({"key_field": "a..b"}, "key_field", id="key-empty-step"),
    ],
)
def test_a_type_that_cannot_be_used_is_refused(
    tenant: Tenant, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRecordTypeError) as caught:
        make_order_type(tenant, **options)

    assert caught.value.field == field
    assert RecordType.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_a_slug_is_used_once_per_tenant(
    tenant: Tenant, stranger: Tenant, order_type: RecordType
) -> None:
    with pytest.raises(DuplicateRecordTypeError):
        make_order_type(tenant)
    make_order_type(stranger)

    assert RecordType.objects.count() == 2


def test_a_new_schema_holds_for_what_is_written_from_now_on(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    schema = {"type": "object", "required": ["number", "region"]}

    services.update_record_type(tenant, "order", schema=schema, actor=actor)

    assert Record.objects.get().data == stored.data
    with pytest.raises(InvalidRecordError) as caught:
        services.merge_record(tenant, "order", stored.id, {"status": "paid"}, actor=actor)
    assert [each.path for each in caught.value.violations] == ["region"]
    assert actions() == ["record_type.created", "record_type.updated"]
    assert AuditEntry.objects.get(action="record_type.updated").details == {"fields": ["schema"]}


def test_an_update_that_changes_nothing_leaves_no_trace(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    services.update_record_type(tenant, "order", name="Order", actor=actor)

    assert RecordType.objects.get().updated_at == order_type.updated_at
    assert actions() == ["record_type.created"]


def test_a_refused_update_changes_nothing(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    with pytest.raises(InvalidRecordTypeError):
        services.update_record_type(
            tenant, "order", name="Purchase", schema={"type": "text"}, actor=actor
        )

    assert RecordType.objects.get().name == "Order"


def test_a_new_key_field_gives_every_record_its_key(tenant: Tenant, actor: Actor) -> None:
    make_order_type(tenant, key_field="")
    items = [order(f"A-{place}", customer={"email": f"{place}@example.com"}) for place in range(3)]
    services.create_records(tenant, "order", [*items, order("A-9")], actor=actor)

    services.update_record_type(tenant, "order", key_field="customer.email", actor=actor)

    keys = list(Record.objects.order_by("id").values_list("key", flat=True))
    assert keys == ["0@example.com", "1@example.com", "2@example.com", None]


def test_keys_are_given_in_batches(
    tenant: Tenant, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.services.record_types.BATCH_SIZE", 2)
    make_order_type(tenant, key_field="")
    services.create_records(
        tenant, "order", [order(f"A-{place}") for place in range(5)], actor=actor
    )

    services.update_record_type(tenant, "order", key_field="number", actor=actor)

    assert stored_keys() == [
        "A-0",
        "A-1",
        "A-2",
        "A-3",
        "A-4",
    ]


@pytest.mark.parametrize(
    ("key_field", "message"), [("status", "same status"), ("tags", "must be text")]
)
def test_a_key_field_that_existing_records_cannot_have_is_refused(
    tenant: Tenant, stored: Record, actor: Actor, key_field: str, message: str
) -> None:
    services.create_record(tenant, "order", order("A-2"), actor=actor)

    with pytest.raises(InvalidRecordTypeError, match=message):
        services.update_record_type(tenant, "order", key_field=key_field, actor=actor)

    assert RecordType.objects.get().key_field == "number"
    assert stored_keys() == ["A-1", "A-2"]


def test_giving_up_the_key_field_frees_the_keys(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    services.update_record_type(tenant, "order", key_field="", actor=actor)

    services.create_record(tenant, "order", order("A-1"), actor=actor)
    assert list(Record.objects.values_list("key", flat=True)) == [None, None]


def test_a_type_with_records_cannot_be_deleted(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    with pytest.raises(RecordTypeInUseError):
        services.delete_record_type(tenant, "order", actor=actor)

    assert RecordType.objects.count() == 1


def test_a_type_without_records_can_be_deleted(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    services.delete_record_type(tenant, "order", actor=actor)

    assert RecordType.objects.count() == 0
    assert actions() == ["record_type.created", "record_type.deleted"]


def test_deleting_a_tenant_deletes_its_records_and_types(tenant: Tenant, stored: Record) -> None:
    AuditEntry.objects.all()._raw_delete("default")

    tenant.delete()

    assert Record.objects.count() == 0
    assert RecordType.objects.count() == 0


def test_a_strangers_type_is_unknown(
    stranger: Tenant, order_type: RecordType, actor: Actor
) -> None:
    with pytest.raises(UnknownRecordTypeError):
        services.update_record_type(stranger, "order", name="Mine", actor=actor)
    with pytest.raises(UnknownRecordTypeError):
        services.delete_record_type(stranger, "order", actor=actor)

    assert RecordType.objects.get().name == "Order"
