"""Record types and records in the admin."""

import json

import pytest
from django.test import Client

from core.models import Event, Tenant
from records.models import Record, RecordType
from records.services import create_record, replace_record
from tests.makers import make_actor
from tests.orders import make_order_type, order, published
from tests.staff import errors_of, page_of, text_of

ORDER = json.dumps(order("A-1", total=12))


def test_record_type_is_defined_through_its_form(acme_staff: Client, tenant: Tenant) -> None:
    acme_staff.post(
        page_of(RecordType, "add"),
        {
            "name": "Parcel",
            "slug": "parcel",
            "key_field": "number",
            "schema": '{"type": "object", "properties": {"number": {"type": "string"}}}',
            "rules": '[{"field": "parcel.number", "validator": "required"}]',
        },
    )

    row = RecordType.objects.get(tenant=tenant)
    assert (row.slug, row.key_field, row.rules) == (
        "parcel",
        "number",
        [{"field": "parcel.number", "validator": "required"}],
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slug": "Parcel"}, "slug"),
        ({"slug": "config"}, "slug"),
        ({"schema": '{"type": "thing"}'}, "schema"),
        ({"schema": '{"type": '}, "schema"),
        ({"rules": '[{"field": "parcel.number", "validator": "no_such_rule"}]'}, "rules"),
        ({"rules": "{}"}, "rules"),
        ({"key_field": "a b"}, "key_field"),
        ({"name": ""}, "name"),
    ],
)
def test_record_type_that_cannot_be_is_refused_at_its_field(
    acme_staff: Client, given: dict[str, str], field: str
) -> None:
    answer = acme_staff.post(
        page_of(RecordType, "add"), {"name": "Parcel", "slug": "parcel", **given}
    )

    assert list(errors_of(answer)) == [field]
    assert RecordType.objects.count() == 0


def test_fault_in_json_is_named_with_its_place(acme_staff: Client) -> None:
    answer = acme_staff.post(
        page_of(RecordType, "add"), {"name": "Parcel", "slug": "parcel", "schema": '{\n "a" 1}'}
    )

    [message] = errors_of(answer)["schema"]
    assert "line 2, column 6" in message


def test_slug_stays_when_a_type_is_changed(acme_staff: Client, tenant: Tenant) -> None:
    row = make_order_type(tenant)

    acme_staff.post(
        page_of(RecordType, "change", row.pk),
        {"name": "Purchase", "slug": "purchase", "key_field": "number"},
    )

    row.refresh_from_db()
    assert (row.name, row.slug, row.schema) == ("Purchase", "order", {})


def test_type_with_records_is_not_deleted_and_the_page_says_why(
    acme_staff: Client, tenant: Tenant
) -> None:
    row = make_order_type(tenant)
    create_record(tenant, "order", order(), actor=make_actor())

    answer = acme_staff.post(page_of(RecordType, "delete", row.pk), {"post": "yes"}, follow=True)

    assert "records" in text_of(answer)
    assert RecordType.objects.count() == 1


def test_record_made_in_the_admin_is_an_event_of_staff(acme_staff: Client, tenant: Tenant) -> None:
    record_type = make_order_type(tenant)

    acme_staff.post(page_of(Record, "add"), {"type": record_type.pk, "data": ORDER})

    record = Record.objects.get(tenant=tenant)
    [event] = published(tenant)
    assert (event.type, event.entity_id) == ("order.created", record.pk)
    assert (event.actor["kind"], event.actor["label"]) == ("staff", "ann@example.com")


@pytest.mark.parametrize(
    "data",
    ["{", "[]", "null", '{"number": 1}', '{"number": "A-1", "total": 20000}', '{"number": "A-1"'],
)
def test_data_that_does_not_fit_is_refused_and_nothing_is_written(
    acme_staff: Client, tenant: Tenant, data: str
) -> None:
    record_type = make_order_type(tenant)

    answer = acme_staff.post(page_of(Record, "add"), {"type": record_type.pk, "data": data})

    assert list(errors_of(answer)) == ["data"]
    assert (Record.objects.count(), Event.objects.count()) == (0, 0)


def test_key_that_is_taken_is_refused_at_the_data(acme_staff: Client, tenant: Tenant) -> None:
    record_type = make_order_type(tenant)
    create_record(tenant, "order", order("A-1"), actor=make_actor())

    answer = acme_staff.post(page_of(Record, "add"), {"type": record_type.pk, "data": ORDER})

    assert "A-1" in errors_of(answer)["data"][0]
    assert Record.objects.count() == 1


def test_change_that_somebody_overtook_is_refused(acme_staff: Client, tenant: Tenant) -> None:
    make_order_type(tenant)
    record = create_record(tenant, "order", order("A-1"), actor=make_actor())
    replace_record(tenant, "order", record.pk, order("A-1", total=7), actor=make_actor())

    answer = acme_staff.post(
        page_of(Record, "change", record.pk), {"data": ORDER, "seen_version": 1}
    )

    assert "version is now 2" in errors_of(answer)["data"][0]
    record.refresh_from_db()
    assert record.data["total"] == 7


def test_record_is_changed_and_deleted_through_the_services(
    acme_staff: Client, tenant: Tenant
) -> None:
    make_order_type(tenant)
    record = create_record(tenant, "order", order("A-1"), actor=make_actor())

    acme_staff.post(page_of(Record, "change", record.pk), {"data": ORDER, "seen_version": 1})
    acme_staff.post(page_of(Record, "delete", record.pk), {"post": "yes"})

    assert [event.type for event in published(tenant)] == [
        "order.created",
        "order.updated",
        "order.deleted",
    ]


def test_chosen_records_are_deleted_with_an_event_each(acme_staff: Client, tenant: Tenant) -> None:
    make_order_type(tenant)
    records = [
        create_record(tenant, "order", order(f"A-{number}"), actor=make_actor())
        for number in (1, 2)
    ]

    acme_staff.post(
        page_of(Record, "changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [record.pk for record in records],
            "post": "yes",
        },
    )

    assert Record.objects.count() == 0
    assert [event.type for event in published(tenant)][2:] == ["order.deleted", "order.deleted"]


def test_record_is_found_by_its_id_and_by_its_key(acme_staff: Client, tenant: Tenant) -> None:
    make_order_type(tenant)
    wanted, _other = (
        create_record(tenant, "order", order(number), actor=make_actor())
        for number in ("A-1", "B-1")
    )

    found = [
        list(acme_staff.get(page_of(Record, "changelist"), {"q": term}).context["cl"].result_list)
        for term in (wanted.pk, "A-")
    ]

    assert found == [[wanted], [wanted]]
