"""Examples of inbound webhooks that the OpenAPI document shows."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

REPOSITORY = OpenApiExample(
    "What happens in a repository on GitHub",
    request_only=True,
    value={
        "name": "Our code",
        "path": "github",
        "scheme": "github",
        "allowed_networks": ["140.82.112.0/20"],
        "rate_limit": 600,
    },
)
DESCRIBED = OpenApiExample(
    "As another service describes it",
    request_only=True,
    value={
        "endpoint": "/webhooks/external-service",
        "method": "POST",
        "headers": {"Content-Type": "application/json", "X-Webhook-Secret": "your-secret"},
        "validation": "signature",
    },
)
_ENDPOINT: dict[str, Any] = {
    "id": "ept_01jd3k8x5rf0bv6zq2n9y4t7hm",
    "url": "https://patchbay.example/in/acme/github",
    "name": "Our code",
    "description": "",
    "slug": "github",
    "path": "github",
    "methods": ["POST"],
    "expected_headers": [],
    "scheme": "github",
    "options": {},
    "tolerance_seconds": None,
    "allowed_networks": ["140.82.112.0/20"],
    "rate_limit": 600,
    "max_body_bytes": None,
    "message_key": "",
    "event_type": "",
    "answer_status": 200,
    "answer_content_type": "application/json",
    "answer_body": '{"received": true}',
    "enabled": True,
    "accepts": True,
    "secrets": [
        {
            "id": "eps_01jd3k8x5tq3c8vhr6m0e1wz4a",
            "created_at": "2026-03-02T08:30:00Z",
            "expires_at": None,
        }
    ],
    "created_at": "2026-03-02T08:30:00Z",
    "updated_at": "2026-03-02T08:30:00Z",
}
CREATED = OpenApiExample(
    "The endpoint and the secret that was made for it",
    response_only=True,
    status_codes=["201"],
    value={**_ENDPOINT, "secret": "vVwA4cR1n0ZpGm6y8tQe3sUjK9bXh2dLoFiT7wYqN5M"},
)
REPLAY = OpenApiExample(
    "How much one endpoint received while an automation was wrong",
    request_only=True,
    value={
        "endpoint": "ept_01jd3k8x5rf0bv6zq2n9y4t7hm",
        "since": "2026-03-02T08:00:00Z",
        "until": "2026-03-02T11:30:00Z",
        "dry_run": True,
    },
)
