"""The events that are published: orders, all of one size."""

import json

from core.types import Actor, ActorKind, Json

ACTOR = Actor(kind=ActorKind.SYSTEM, id="bench", label="the benchmark", correlation_id="cor-bench")


def order(number: int, size: int) -> dict[str, Json]:
    """Return the data of an order that is ``size`` bytes of JSON."""
    data: dict[str, Json] = {
        "id": f"order-{number:07}",
        "customer_name": "Ada Lovelace",
        "email": "ada@acme.example",
        "items": [
            {"sku": "TEA-1", "quantity": 2, "price": 12.5},
            {"sku": "CUP-7", "quantity": 1, "price": 16.5},
        ],
        "total": 41.5,
        "status": "paid",
        "note": "",
    }
    missing = size - len(json.dumps(data, separators=(",", ":")))
    return data | {"note": "x" * missing}
