"""What receivers are sent, for the ``webhooks`` part of the API's description."""

from typing import Any

from drf_spectacular.utils import OpenApiWebhook

from core.api.schema import id_schema

DESCRIPTION = """Sent for every event that a subscription asks for. A subscription may template the URL, the method,
the headers and the body; this is what is sent when it does not.

Answer with any 2xx within the timeout, and do the work afterwards. 410 switches the subscription off; redirects are not
followed; anything else is tried again by the retry policy. Every delivery arrives at least once: drop repeats by their
`webhook-id`. Verify `webhook-signature` with a library of Standard Webhooks before you trust the body."""

TEXT = {"type": "string"}


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": name.startswith("webhook-"),
        "description": description,
        "schema": schema,
    }


HEADERS = [
    _header("webhook-id", "The delivery; the same in every attempt.", id_schema("dlv")),
    _header("webhook-timestamp", "When it was sent: seconds since 1970.", {"type": "integer"}),
    _header(
        "webhook-signature",
        "`v1,` and `v1a,` signatures of id, timestamp and body, separated by spaces (Standard"
        " Webhooks).",
        TEXT,
    ),
    _header(
        "X-Signature-256",
        "`sha256=` and the HMAC of the body alone, in hexadecimal. A subscription may name it"
        " otherwise, or leave it out.",
        TEXT,
    ),
]
BODY = {
    "type": "object",
    "required": ["id", "type", "timestamp", "entity_id", "correlation_id", "data"],
    "properties": {
        "id": id_schema("evt"),
        "type": {**TEXT, "description": "What happened: `order.created`."},
        "timestamp": {**TEXT, "format": "date-time"},
        "entity_id": {**TEXT, "description": "What it happened to, such as a record."},
        "correlation_id": {**TEXT, "description": "What the causing request was marked with."},
        "data": {
            "type": "object",
            "additionalProperties": True,
            "description": (
                "For records: `id`, the fields, and after an update `changes` with `old` and `new`."
            ),
        },
    },
}
EXAMPLE = {
    "id": "evt_01kaj2w1r8c6e3m5k9t7b4x0zd",
    "type": "order.updated",
    "timestamp": "2026-03-07T11:02:13.480Z",
    "entity_id": "rec_01kaj2v8x5fq3t9w6y4n7m0r2c",
    "correlation_id": "checkout-8841",
    "data": {
        "id": "rec_01kaj2v8x5fq3t9w6y4n7m0r2c",
        "number": "A-1042",
        "status": "paid",
        "total": 119.8,
        "changes": {"status": {"old": "new", "new": "paid"}},
    },
}
EVENT = OpenApiWebhook(
    "event",
    {
        "post": {
            "operationId": "receive_event",
            "summary": "Receive an event",
            "description": DESCRIPTION,
            "tags": ["Webhooks"],
            "parameters": HEADERS,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": BODY, "example": EXAMPLE}},
            },
            "responses": {
                "2XX": {"description": "Received."},
                "410": {"description": "Send no more: the subscription is switched off."},
                "default": {"description": "Not received: to be tried again."},
            },
        }
    },
)
