"""Writers that meet in one record, one key or one type, in threads of their own."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from core.models import Event, Tenant
from records import services
from records.errors import (
    DuplicateKeyError,
    RecordTypeInUseError,
    UnknownRecordError,
    UnknownRecordTypeError,
    VersionConflictError,
)
from records.models import Record, RecordType
from tests.makers import make_actor, make_tenant
from tests.orders import make_order_type, order, stored_keys
from tests.parallel import PATIENCE_SECONDS, in_threads

WRITERS = 6
ACTOR = make_actor()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def shared(acme: Tenant) -> Record:
    """An order that everybody writes."""
    make_order_type(acme)
    return services.create_record(acme, "order", order("A-1"), actor=ACTOR)


def test_changes_of_different_fields_all_apply(acme: Tenant, shared: Record) -> None:
    def change(number: int) -> int:
        patch = {f"field_{number}": number}
        return services.merge_record(acme, "order", shared.id, patch, actor=ACTOR).version

    versions = in_threads(WRITERS, change)

    row = Record.objects.get()
    assert sorted(versions) == list(range(2, WRITERS + 2))
    assert row.version == WRITERS + 1
    assert row.data == order("A-1") | {f"field_{number}": number for number in range(WRITERS)}
    moments = list(Event.objects.order_by("occurred_at").values_list("occurred_at", flat=True))
    assert len(set(moments)) == WRITERS + 1


def test_of_those_who_expect_the_same_version_one_wins(acme: Tenant, shared: Record) -> None:
    def change(number: int) -> str:
        try:
            services.merge_record(
                acme, "order", shared.id, {"note": number}, actor=ACTOR, expected_version=1
            )
        except VersionConflictError as error:
            return f"conflict with {error.current}"
        return "won"

    assert Counter(in_threads(WRITERS, change)) == {"won": 1, "conflict with 2": WRITERS - 1}
    assert Record.objects.get().version == 2
    assert Event.objects.count() == 2


def test_a_record_is_deleted_once(acme: Tenant, shared: Record) -> None:
    def delete(number: int) -> str:
        try:
            services.delete_record(acme, "order", shared.id, actor=ACTOR)
        except UnknownRecordError:
            return "unknown"
        return "deleted"

    assert Counter(in_threads(WRITERS, delete)) == {"deleted": 1, "unknown": WRITERS - 1}
    assert Event.objects.filter(type="order.deleted").count() == 1


def test_a_key_is_given_once(acme: Tenant) -> None:
    make_order_type(acme)

    def create(number: int) -> str:
        try:
            services.create_record(acme, "order", order("A-1", note=number), actor=ACTOR)
        except DuplicateKeyError:
            return "taken"
        return "created"

    assert Counter(in_threads(WRITERS, create)) == {"created": 1, "taken": WRITERS - 1}
    assert Record.objects.count() == 1
    assert Event.objects.count() == 1


def test_requests_for_the_same_keys_create_each_once(acme: Tenant) -> None:
    make_order_type(acme)

    def create(number: int) -> list[str | None]:
        items = [order(f"A-{place}") for place in range(20)]
        outcome = services.create_records(acme, "order", items, actor=ACTOR, atomic=False)
        return [success.record.key for success in outcome.successes]

    created = [str(key) for keys in in_threads(WRITERS, create) for key in keys]

    assert sorted(created) == sorted(f"A-{place}" for place in range(20))
    assert Record.objects.count() == Event.objects.count() == 20


def test_a_type_is_not_deleted_under_a_writer(acme: Tenant) -> None:
    make_order_type(acme)

    def work(number: int) -> str:
        try:
            if number == 0:
                services.delete_record_type(acme, "order", actor=ACTOR)
                return "deleted"
            services.create_record(acme, "order", order(f"A-{number}"), actor=ACTOR)
        except RecordTypeInUseError:
            return "in use"
        except UnknownRecordTypeError:
            return "unknown"
        return "created"

    outcomes = Counter(in_threads(WRITERS, work))

    if outcomes["deleted"]:
        assert outcomes == {"deleted": 1, "unknown": WRITERS - 1}
        assert Record.objects.count() == 0
    else:
        assert outcomes["in use"] == 1
        assert Record.objects.count() == outcomes["created"] > 0


def test_every_record_has_the_key_of_a_field_that_changes_meanwhile(acme: Tenant) -> None:
    make_order_type(acme, key_field="")

    def work(number: int) -> None:
        if number == 0:
            services.update_record_type(acme, "order", key_field="number", actor=ACTOR)
        else:
            services.create_record(acme, "order", order(f"A-{number}"), actor=ACTOR)

    in_threads(WRITERS, work)

    assert RecordType.objects.get().key_field == "number"
    assert stored_keys() == [f"A-{number}" for number in range(1, WRITERS)]


def test_writers_of_one_type_do_not_wait_for_each_other(acme: Tenant) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has a single writer")
    make_order_type(acme)

    everybody_has_written = threading.Barrier(3)

    def create(number: int) -> None:
        with transaction.atomic():
            services.create_record(acme, "order", order(f"A-{number}"), actor=ACTOR)
            # Whoever waited for another one's commit would never get here.
            everybody_has_written.wait(PATIENCE_SECONDS)

    in_threads(3, create)

    assert Record.objects.count() == 3
