from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.event_types import catalogue
from core.models import Tenant
from core.types import Actor
from records import services
from records.event_types import describe
from records.models import Record, RecordType
from tests.orders import ORDER_SCHEMA, make_order_type, order, published


def test_each_record_type_has_three_event_types(tenant: Tenant, order_type: RecordType) -> None:
    assert [info.name for info in describe(tenant)] == [
        "order.created",
        "order.updated",
        "order.deleted",
    ]


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(ORDER_SCHEMA, id="ordinary"),
        pytest.param({}, id="any-object"),
        pytest.param({**ORDER_SCHEMA, "additionalProperties": False}, id="closed"),
        pytest.param({**ORDER_SCHEMA, "maxProperties": 7}, id="counted"),
        pytest.param(
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/a"}},
                "$defs": {"a": {"const": 1}},
            },
            id="references",
        ),
    ],
)
def test_the_example_fits_the_schema(tenant: Tenant, schema: dict[str, Any]) -> None:
    make_order_type(tenant, schema=schema, rules=[], key_field="")

    for info in describe(tenant):
        validator = Draft202012Validator(info.schema)
        assert list(validator.iter_errors(info.example)) == []
        assert info.source == "record type"


def test_published_events_fit_the_schema(tenant: Tenant, stored: Record, actor: Actor) -> None:
    change = order(
        "A-2", status="paid", total=3, tags=["x", "y"], items=[{"sku": "L", "quantity": 1}]
    )
    services.replace_record(tenant, "order", stored.id, change, actor=actor)
    services.delete_record(tenant, "order", stored.id, actor=actor)

    schemas = {info.name: info.schema for info in describe(tenant)}
    events = published(tenant)

    assert [event.type for event in events] == ["order.created", "order.updated", "order.deleted"]
    for event in events:
        assert list(Draft202012Validator(schemas[event.type]).iter_errors(event.data)) == []


def test_an_update_shows_a_change_in_its_example(tenant: Tenant, order_type: RecordType) -> None:
    updated = describe(tenant)[1]

    assert updated.example["number"] == "A-1042"
    assert updated.example["changes"] == {"status": {"old": "paid", "new": "new"}}


def test_a_tenants_catalogue_does_not_show_anothers_types(
    tenant: Tenant, stranger: Tenant, order_type: RecordType
) -> None:
    assert "order.created" in [info.name for info in catalogue(tenant)]
    assert "order.created" not in [info.name for info in catalogue(stranger)]
