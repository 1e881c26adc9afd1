"""What the API's description shows: an order and its type."""

from drf_spectacular.utils import OpenApiExample

from records.event_types import EXAMPLE_ID

ORDER = {
    "number": "A-1042",
    "customer_name": "Ana Duarte",
    "status": "new",
    "items": [{"sku": "LAMP-7", "quantity": 2}],
    "total": 119.8,
}
STORED_ORDER = {
    "id": EXAMPLE_ID,
    "type": "order",
    "key": "A-1042",
    "version": 1,
    "created_at": "2026-03-07T10:30:00.120000Z",
    "updated_at": "2026-03-07T10:30:00.120000Z",
    "data": ORDER,
}
ORDER_TYPE = {
    "slug": "order",
    "name": "Order",
    "description": "What a customer has bought.",
    "schema": {
        "type": "object",
        "required": ["number", "items"],
        "properties": {
            "number": {"type": "string"},
            "customer_name": {"type": "string"},
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
            "total": {"type": "number"},
        },
    },
    "rules": [{"field": "order.total", "validator": "min:0", "message": "A total is not negative"}],
    "key_field": "number",
}

NEW_TYPE = OpenApiExample("An order", value=ORDER_TYPE, request_only=True)
CHANGED_TYPE = OpenApiExample(
    "Another description", value={"description": "Orders of the shop."}, request_only=True
)
NEW_RECORD = OpenApiExample("An order", value={"data": ORDER}, request_only=True)
RECORD = OpenApiExample("An order", value=STORED_ORDER, response_only=True)
PATCH = OpenApiExample(
    "Paid, without a name",
    value={"data": {"status": "paid", "customer_name": None}},
    request_only=True,
)
BULK = OpenApiExample(
    "As many as can be created",
    value={"records": [{"data": ORDER}, {"data": {"items": []}}], "atomic": False},
    request_only=True,
)
BULK_RESULT = OpenApiExample(
    "One created, one refused",
    value={
        "data": [
            {"index": 0, "status": "created", "record": STORED_ORDER},
            {
                "index": 1,
                "status": "failed",
                "error": {
                    "error": "VALIDATION_FAILED",
                    "message": "The data of the record is not valid.",
                    "details": [
                        {"path": "data.number", "code": "required", "message": "is required"}
                    ],
                },
            },
        ]
    },
    response_only=True,
)
CHANGES = OpenApiExample(
    "An order was paid",
    value={
        "data": [
            {
                "position": 1181,
                "event_id": "evt_01kaj2w1r8c6e3m5k9t7b4x0zd",
                "type": "order",
                "id": EXAMPLE_ID,
                "operation": "updated",
                "at": "2026-03-07T11:02:13.480000Z",
                "data": {**ORDER, "status": "paid"},
                "changes": {"status": {"old": "new", "new": "paid"}},
            }
        ],
        "next_cursor": "WyJjaGFuZ2VzIiwiNWYzYTE5YzIiLDExODFd",
        "has_more": False,
    },
    response_only=True,
)
