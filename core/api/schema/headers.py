"""Header fields in the API's description."""

from collections.abc import Iterable
from typing import Any

TEXT = {"type": "string"}

# Fields of answers.
ANSWERED: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of this request, yours if you sent one. Logs name it.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
        "example": "req_01kaj2v8x5fq3t9w6y4n7m0r2c",
    },
    "X-Correlation-ID": {
        "description": "The id that events caused by this request carry.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
        "example": "checkout-8841",
    },
    "RateLimit-Policy": {
        "description": "The limit: `q` requests in a window of `w` seconds.",
        "schema": {"type": "string", "pattern": '^"default";q=[0-9]+;w=[0-9]+$'},
        "example": '"default";q=600;w=60',
    },
    "RateLimit": {
        "description": "What is left of it: `r` requests now, all of them after `t` seconds.",
        "schema": {"type": "string", "pattern": '^"default";r=[0-9]+;t=[0-9]+$'},
        "example": '"default";r=599;t=1',
    },
    "Retry-After": {
        "description": "How many seconds to wait before trying again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
        "example": 1,
    },
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 6750).",
        "required": True,
        "schema": TEXT,
        "example": 'Bearer realm="api"',
    },
    "Location": {
        "description": "Where the new thing is.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Idempotency-Replayed": {
        "description": "Sent when this is the stored answer to an earlier request.",
        "schema": {"type": "string", "const": "true"},
    },
}
ALWAYS = ("X-Request-ID", "X-Correlation-ID")
RATE = ("RateLimit-Policy", "RateLimit")

# Fields of requests.
SENT: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Any text of your own. A repeat with the same key within 24 hours gets the "
        "first answer and changes nothing; the same key with another request is refused with 422.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "X-Correlation-ID": {
        "name": "X-Correlation-ID",
        "in": "header",
        "description": "An id of yours that the events caused by this request carry: up to 128 "
        "letters, digits and `._:-`. Anything else is passed over, as if it had not been sent.",
        "schema": TEXT,
    },
}


def refs(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return references to fields of answers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
