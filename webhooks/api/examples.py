"""Examples that the OpenAPI document shows."""

from drf_spectacular.utils import OpenApiExample

ORDER_NOTIFICATION = OpenApiExample(
    "Tell the warehouse about large orders",
    request_only=True,
    value={
        "name": "Tell the warehouse",
        "event_types": ["order.created"],
        "filter": "order.total > 100",
        "url": "https://warehouse.example/api/orders",
        "headers": [{"name": "Authorization", "value": "Bearer {{config.warehouse_key}}"}],
        "payload": (
            '{"number": "{{order.id}}", "buyer": "{{order.customer_name}}",'
            ' "lines": {{order.items}}, "sum": {{order.total}}}'
        ),
        "retry_policy": {"maxRetries": 5, "retryDelay": 2000, "backoffMultiplier": 3},
        "rate_limit": 600,
        "ordering": "block_for",
        "ordering_seconds": 600,
    },
)
CREATED = OpenApiExample(
    "The subscription and its secret",
    response_only=True,
    status_codes=["201"],
    value={
        "id": "sub_01jd3k8x5rf0bv6zq2n9y4t7hm",
        "name": "Tell the warehouse",
        "description": "",
        "event_types": ["order.created"],
        "filter": "order.total > 100",
        "method": "POST",
        "url": "https://warehouse.example/api/orders",
        "headers": [{"name": "Authorization", "value": "Bearer {{config.warehouse_key}}"}],
        "payload_format": "json",
        "payload": '{"number": "{{order.id}}"}',
        "signature_scheme": "hmac",
        "signature_header": "X-Signature-256",
        "public_keys": [],
        "retry_policy": {
            "maxRetries": 5,
            "retryDelay": 2000,
            "backoffMultiplier": 3.0,
            "maxDelay": 86400000,
        },
        "timeout_seconds": None,
        "concurrency": 50,
        "rate_limit": 600,
        "ordering": "block_for",
        "ordering_seconds": 600,
        "enabled": True,
        "disabled_reason": "",
        "health": {
            "circuit": "closed",
            "paused_until": None,
            "failing_since": None,
            "failures": 0,
            "due_at": None,
        },
        "created_at": "2026-03-02T08:30:00Z",
        "updated_at": "2026-03-02T08:30:00Z",
        "warnings": [],
        "secret": "whsec_cGxlYXNlLW1ha2UteW91ci1vd24tc2VjcmV0LXRoYW5rcw==",
    },
)
PREVIEW = OpenApiExample(
    "A chat message",
    request_only=True,
    value={
        "event_type": "user.created",
        "data": {"id": "rec_1", "name": "Noor"},
        "url": "https://chat.example/hooks/42",
        "payload": '{"text": "{{user.name}} has signed up"}',
    },
)
DEFINITION = OpenApiExample(
    "An object literal",
    request_only=True,
    value={
        "definition": (
            "{ event: 'user.created', webhook: 'https://crm.example/hook',"
            " payload: { id: '{{user.id}}', mail: '{{user.email}}' } }"
        )
    },
)
REPLAY = OpenApiExample(
    "Everything given up since the outage began",
    request_only=True,
    value={"failed_since": "2026-03-02T08:00:00Z"},
)
RECOVERY = OpenApiExample(
    "How much was given up while the receiver was down",
    request_only=True,
    value={
        "since": "2026-03-02T08:00:00Z",
        "until": "2026-03-02T11:30:00Z",
        "dry_run": True,
    },
)
