from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from core.models import Event, Tenant
from core.types import Actor
from records import services
from records.errors import (
    DuplicateKeyError,
    InvalidRecordError,
    UnknownRecordError,
    UnknownRecordTypeError,
    VersionConflictError,
)
from records.models import Record, RecordType
from tests.orders import order, published


def test_created_record_is_stored_in_its_first_version_with_its_key(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    record = services.create_record(tenant, "order", order("A-7", total=5), actor=actor)

    row = Record.objects.get()
    assert (row.id, row.key, row.version) == (record.id, "A-7", 1)
    assert row.data == {"number": "A-7", "status": "new", "total": 5}
    assert row.created_at == row.updated_at == record.updated_at


def test_creation_is_told_by_an_event_with_the_data(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    record = services.create_record(tenant, "order", order("A-7"), actor=actor)

    [event] = published(tenant)
    assert (event.type, event.record_type) == ("order.created", "order")
    assert event.data == {"id": record.id, "number": "A-7", "status": "new"}
    assert event.entity_id == record.id
    assert event.occurred_at == record.created_at
    assert event.correlation_id == actor.correlation_id


def test_replacing_tells_what_changed(tenant: Tenant, stored: Record, actor: Actor) -> None:
    data = order("A-1", status="paid", total=12.5, tags=["vip"], customer={"name": "Eva"})

    record = services.replace_record(tenant, "order", stored.id, data, actor=actor)

    event = published(tenant)[-1]
    assert (record.version, record.data) == (2, data)
    assert Record.objects.get().data == data
    assert event.type == "order.updated"
    assert event.occurred_at == record.updated_at
    assert event.data == {
        "id": stored.id,
        **data,
        "changes": {
            "status": {"old": "new", "new": "paid"},
            "tags": {"added": ["vip"], "removed": ["new"]},
            "customer.name": {"old": "Ana", "new": "Eva"},
        },
    }


def test_merging_changes_only_what_is_named(tenant: Tenant, stored: Record, actor: Actor) -> None:
    patch = {"total": None, "customer": {"email": "ana@example.com"}}

    record = services.merge_record(tenant, "order", stored.id, patch, actor=actor)

    assert record.data == {
        "number": "A-1",
        "status": "new",
        "tags": ["new"],
        "customer": {"name": "Ana", "email": "ana@example.com"},
    }
    assert published(tenant)[-1].data["changes"] == {
        "total": {"old": 12.5},
        "customer.email": {"new": "ana@example.com"},
    }


def test_deleting_removes_the_row_and_tells_its_last_data(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    services.delete_record(tenant, "order", stored.id, actor=actor)

    event = published(tenant)[-1]
    assert Record.objects.count() == 0
    assert event.type == "order.deleted"
    assert event.data == {"id": stored.id, **stored.data}


@pytest.mark.parametrize("change", [{}, {"total": 12.5}, {"unknown": None}])
def test_a_change_of_nothing_writes_nothing(
    tenant: Tenant, stored: Record, actor: Actor, change: dict[str, Any]
) -> None:
    record = services.merge_record(tenant, "order", stored.id, change, actor=actor)

    row = Record.objects.get()
    assert (record.version, row.version, row.updated_at) == (1, 1, stored.updated_at)
    assert Event.objects.count() == 1


def test_versions_are_later_than_their_predecessors_even_when_the_clock_goes_back(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    noon = datetime(2026, 3, 7, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        record = services.create_record(tenant, "order", order(), actor=actor)

    with time_machine.travel(noon - timedelta(hours=1), tick=False):
        services.merge_record(tenant, "order", record.id, {"status": "paid"}, actor=actor)
        services.delete_record(tenant, "order", record.id, actor=actor)

    tick = timedelta(microseconds=1)
    assert [event.occurred_at for event in published(tenant)] == [
        noon,
        noon + tick,
        noon + 2 * tick,
    ]
    assert [event.type.split(".")[1] for event in published(tenant)] == [
        "created",
        "updated",
        "deleted",
    ]


@pytest.mark.parametrize("operation", ["replace_record", "merge_record", "delete_record"])
def test_a_version_that_is_not_expected_is_left_alone(
    tenant: Tenant, stored: Record, actor: Actor, operation: str
) -> None:
    arguments = [] if operation == "delete_record" else [order("A-1", status="paid")]

    with pytest.raises(VersionConflictError) as caught:
        getattr(services, operation)(
            tenant, "order", stored.id, *arguments, actor=actor, expected_version=2
        )

    assert caught.value.current == 1
    assert Record.objects.get().data == stored.data
    assert Event.objects.count() == 1


def test_the_expected_version_may_be_changed(tenant: Tenant, stored: Record, actor: Actor) -> None:
    record = services.merge_record(
        tenant, "order", stored.id, {"status": "paid"}, actor=actor, expected_version=1
    )

    assert record.version == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"status": "new"}, ("number", "required"), id="schema"),
        pytest.param(order(total=10_001), ("total", "max"), id="rule"),
        pytest.param(order(id="rec_1"), ("id", "reserved"), id="reserved-id"),
        pytest.param(order(changes={}), ("changes", "reserved"), id="reserved-changes"),
        pytest.param({"number": "x" * 201}, ("number", "key"), id="key-too-long"),
        pytest.param({"number": ""}, ("number", "key"), id="empty-key"),
        pytest.param(order(note="x" * 262_144), ("", "invalid"), id="too-large"),
        pytest.param(order(note="a\x00b"), ("", "invalid"), id="nul"),
        pytest.param(order(note="\ud800"), ("", "invalid"), id="lone-surrogate"),
        pytest.param(order(note=float("nan")), ("", "invalid"), id="not-a-number"),
        pytest.param(order(note=datetime(2026, 3, 7, tzinfo=UTC)), ("", "invalid"), id="not-json"),
        pytest.param(["number"], ("", "invalid"), id="not-an-object"),
    ],
)
def test_data_that_does_not_fit_is_refused_and_nothing_written(
    tenant: Tenant, order_type: RecordType, actor: Actor, data: Any, expected: tuple[str, str]
) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        services.create_record(tenant, "order", data, actor=actor)

    assert expected in [(each.path, each.code) for each in caught.value.violations]
    assert Record.objects.count() == 0
    assert Event.objects.count() == 0


def test_deep_nesting_is_refused(tenant: Tenant, order_type: RecordType, actor: Actor) -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]

    with pytest.raises(InvalidRecordError):
        services.create_record(tenant, "order", order(note=deep), actor=actor)

    assert Record.objects.count() == 0


def test_an_update_must_fit_as_a_whole(tenant: Tenant, stored: Record, actor: Actor) -> None:
    with pytest.raises(InvalidRecordError):
        services.merge_record(tenant, "order", stored.id, {"number": None}, actor=actor)

    assert Record.objects.get().data == stored.data


def test_a_key_is_given_once_per_type(tenant: Tenant, stored: Record, actor: Actor) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        services.create_record(tenant, "order", order("A-1"), actor=actor)

    assert (caught.value.key_field, caught.value.key) == ("number", "A-1")
    assert Record.objects.count() == 1
    assert Event.objects.count() == 1


def test_a_record_cannot_take_the_key_of_another(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    other = services.create_record(tenant, "order", order("A-2"), actor=actor)

    with pytest.raises(DuplicateKeyError):
        services.merge_record(tenant, "order", other.id, {"number": "A-1"}, actor=actor)

    other.refresh_from_db()
    assert (other.key, other.version) == ("A-2", 1)
    assert Event.objects.count() == 2


def test_a_key_is_free_again_once_its_record_is_gone(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    services.delete_record(tenant, "order", stored.id, actor=actor)

    again = services.create_record(tenant, "order", order("A-1"), actor=actor)

    assert again.key == "A-1"
    assert again.id != stored.id


def test_another_tenants_records_are_unknown(
    tenant: Tenant, stranger: Tenant, stored: Record, actor: Actor
) -> None:
    with pytest.raises(UnknownRecordTypeError):
        services.delete_record(stranger, "order", stored.id, actor=actor)

    assert Record.objects.count() == 1


@pytest.mark.parametrize("record_id", ["rec_00000000000000000000000000", "rec_x", "", "order"])
def test_an_id_that_names_no_record_is_unknown(
    tenant: Tenant, stored: Record, actor: Actor, record_id: str
) -> None:
    with pytest.raises(UnknownRecordError):
        services.delete_record(tenant, "order", record_id, actor=actor)

    assert Record.objects.count() == 1


@pytest.mark.parametrize("number", [1e22, 1e300, 5e-324, 0.1, 2**63 - 1, -(2**63), 12.5, 0, 1e16])
def test_numbers_come_back_as_they_were_stored(
    tenant: Tenant, actor: Actor, order_type: RecordType, number: float
) -> None:
    record = services.create_record(tenant, "order", order(note=number), actor=actor)

    note = Record.objects.get().data["note"]
    again = services.replace_record(tenant, "order", record.id, order(note=note), actor=actor)
    assert note == number
    assert again.version == 1
