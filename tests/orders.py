"""Orders: the records that tests are made of."""

from typing import Any

from core import events
from core.models import Event, Tenant
from records import services
from records.models import Record, RecordType
from tests.makers import make_actor

ORDER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["number"],
    "properties": {
        "number": {"type": "string", "examples": ["A-1042"]},
        "customer": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "email": {"type": "string", "format": "email"},
            },
        },
        "status": {"enum": ["new", "paid", "sent"]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string"},
                    "quantity": {"type": "integer", "minimum": 1},
                },
            },
        },
        "total": {"type": "number", "minimum": 0},
        "gift": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}


def make_order_type(tenant: Tenant, **options: Any) -> RecordType:
    """Define orders: by number, with a rule that the total is at most 10,000."""
    values = {
        "name": "Order",
        "schema": ORDER_SCHEMA,
        "rules": [{"field": "order.total", "validator": "max:10000", "message": "too expensive"}],
        "key_field": "number",
        **options,
    }
    return services.create_record_type(tenant, "order", actor=make_actor(), **values)


def order(number: str = "A-1", **fields: Any) -> dict[str, Any]:
    """Return the data of an order."""
    return {"number": number, "status": "new", **fields}


def make_order(tenant: Tenant) -> Record:
    """Store an order, of the type that there is or a new one."""
    if not RecordType.objects.for_tenant(tenant).filter(slug="order").exists():
        make_order_type(tenant, key_field="")
    return services.create_record(tenant, "order", order(), actor=make_actor())


def stored_keys() -> list[str]:
    """Return the keys of all records."""
    return sorted(str(key) for key in Record.objects.values_list("key", flat=True))


def published(tenant: Tenant) -> list[Event]:
    """Return the tenant's events, oldest first."""
    return list(Event.objects.for_tenant(tenant).order_by("occurred_at", "id"))


def dispatch() -> None:
    """Give every waiting event its place in the log."""
    events.dispatch()
