"""What the demonstration demands of the request that its receiver got."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from config.demo import proof
from config.demo.errors import DemoError
from config.demo.setting import FULFILLMENT_KEY, ORDER
from webhooks import signing
from webhooks.receiver import Received

SECRET = signing.new_secret()
BODY = {
    "order_id": "rec_1",
    "customer": ORDER["customer_name"],
    "items": ORDER["items"],
    "total": ORDER["total"],
}


@pytest.fixture
def received() -> Received:
    """The request as it should be."""
    body = json.dumps(BODY)
    now = datetime.now(UTC)
    headers = {
        "authorization": f"Bearer {FULFILLMENT_KEY}",
        "webhook-id": "dlv_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("dlv_1", now, body),
    }
    return Received(
        method="POST", path="/orders", headers=headers, body=body.encode(), received_at=now
    )


def test_request_as_it_should_be_is_accepted(received: Received) -> None:
    proof.check_signature(received, SECRET)
    proof.check_content(received, "rec_1")


def test_signature_by_another_secret_is_refused(received: Received) -> None:
    with pytest.raises(DemoError, match=r"^The signature does not verify: .+\.$"):
        proof.check_signature(received, signing.new_secret())


def test_changed_body_is_refused(received: Received) -> None:
    with pytest.raises(DemoError, match="signature does not verify"):
        proof.check_signature(replace(received, body=received.body + b" "), SECRET)


def test_body_about_another_order_is_refused(received: Received) -> None:
    with pytest.raises(DemoError, match=r"^The body is not what the template says: "):
        proof.check_content(received, "rec_2")


def test_header_that_was_not_filled_in_is_refused(received: Received) -> None:
    headers = received.headers | {"authorization": "Bearer {{config.api_key}}"}

    with pytest.raises(DemoError, match="header was not filled in"):
        proof.check_content(replace(received, headers=headers), "rec_1")
