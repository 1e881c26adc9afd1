from typing import Any

import pytest

from core.models import Event, Tenant
from core.types import Actor
from records import services
from records.errors import BulkRefusedError, DuplicateKeyError, UnknownRecordTypeError
from records.models import Record, RecordType
from tests.orders import make_order_type, order, published, stored_keys


def test_all_records_of_a_request_are_created_in_its_order(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    items = [order(f"A-{number}") for number in range(1_000)]

    outcome = services.create_records(tenant, "order", items, actor=actor)

    numbers = [f"A-{number}" for number in range(1_000)]
    assert outcome.failures == []
    assert [success.record.key for success in outcome.successes] == numbers
    assert [record.key for record in Record.objects.order_by("updated_at", "id")] == numbers
    assert [event.data["number"] for event in published(tenant)] == numbers


def test_a_large_request_takes_few_statements(
    tenant: Tenant, order_type: RecordType, actor: Actor, django_assert_max_num_queries: Any
) -> None:
    items = [order(f"A-{number}") for number in range(200)]

    with django_assert_max_num_queries(30):
        services.create_records(tenant, "order", items, actor=actor)

    assert Record.objects.count() == 200


def test_all_or_nothing_creates_nothing_when_one_record_is_wrong(
    tenant: Tenant, order_type: RecordType, actor: Actor
) -> None:
    items = [order("A-1"), {"status": "new"}, order("A-2"), order("A-3", total=-1)]

    with pytest.raises(BulkRefusedError) as caught:
        services.create_records(tenant, "order", items, actor=actor)

    assert [failure.index for failure in caught.value.failures] == [1, 3]
    assert Record.objects.count() == 0
    assert Event.objects.count() == 0


def test_all_or_nothing_creates_nothing_when_a_key_is_taken(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    with pytest.raises(BulkRefusedError) as caught:
        services.create_records(tenant, "order", [order("A-9"), order("A-1")], actor=actor)

    [failure] = caught.value.failures
    assert isinstance(failure.error, DuplicateKeyError)
    assert (failure.index, failure.error.key) == (1, "A-1")
    assert Record.objects.get() == stored
    assert Event.objects.count() == 1


def test_otherwise_every_record_that_can_be_is_created(
    tenant: Tenant, stored: Record, actor: Actor
) -> None:
    items = [order("A-1"), order("A-2"), {}, order("A-2"), order("A-3")]

    outcome = services.create_records(tenant, "order", items, actor=actor, atomic=False)

    assert [(each.index, each.record.key) for each in outcome.successes] == [(1, "A-2"), (4, "A-3")]
    assert sorted((each.index, type(each.error).__name__) for each in outcome.failures) == [
        (0, "DuplicateKeyError"),
        (2, "InvalidRecordError"),
        (3, "DuplicateKeyError"),
    ]
    assert stored_keys() == ["A-1", "A-2", "A-3"]
    assert [event.entity_id for event in published(tenant)[1:]] == [
        each.record.id for each in outcome.successes
    ]


def test_records_without_a_key_never_collide(tenant: Tenant, actor: Actor) -> None:
    make_order_type(tenant, key_field="")

    services.create_records(tenant, "order", [order("A-1"), order("A-1")], actor=actor)

    assert list(Record.objects.values_list("key", flat=True)) == [None, None]


def test_records_without_a_value_for_the_key_never_collide(tenant: Tenant, actor: Actor) -> None:
    make_order_type(tenant, schema={})

    services.create_records(tenant, "order", [{}, {"number": None}], actor=actor)

    assert list(Record.objects.values_list("key", flat=True)) == [None, None]


def test_nothing_can_be_created_of_an_unknown_type(tenant: Tenant, actor: Actor) -> None:
    with pytest.raises(UnknownRecordTypeError):
        services.create_records(tenant, "order", [order()], actor=actor)

    assert Event.objects.count() == 0
