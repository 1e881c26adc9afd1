"""What must be true of the request that the receiver got."""

import json

from standardwebhooks import Webhook, WebhookVerificationError

from config.demo.errors import DemoError
from config.demo.setting import FULFILLMENT_KEY, ORDER
from webhooks.receiver import Received


def check_signature(received: Received, secret: str) -> None:
    """Verify the request with the reference library of Standard Webhooks, or raise DemoError."""
    try:
        Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError as error:
        raise DemoError(f"The signature does not verify: {error}.") from error


def check_content(received: Received, order_id: str) -> None:
    """Raise DemoError unless body and headers are what the subscription's templates say."""
    body = json.loads(received.body)
    expected = {
        "order_id": order_id,
        "customer": ORDER["customer_name"],
        "items": ORDER["items"],
        "total": ORDER["total"],
    }
    if body != expected:
        raise DemoError(f"The body is not what the template says: {json.dumps(body)}")
    if received.headers.get("authorization") != f"Bearer {FULFILLMENT_KEY}":
        raise DemoError("The Authorization header was not filled in from the configuration.")
