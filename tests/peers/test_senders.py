"""What the vendors' own libraries sign is received, and nothing of it that was changed."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import standardwebhooks
import stripe
import svix.webhooks
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.utils import timezone
from sendgrid.helpers.eventwebhook import EventWebhook
from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

from core.models import Event, Tenant
from tests.endpoints import make_endpoint, post, url_of
from tests.once import ON_ONE_DATABASE
from tests.peers.nodejs import INSTALLED, Node, running
from webhooks.inbound import processing
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.models import Endpoint, Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BODY = '{"type": "order.paid", "id": "evt_1", "note": "Übergabe, 🫖"}'.encode()
EXAMPLES = INSTALLED / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"

Headers = dict[str, str]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as started:
        yield started


def by_standardwebhooks(body: bytes, url: str, now: datetime) -> Headers:
    signature = standardwebhooks.Webhook(SECRET).sign("msg_1", now, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


def by_svix(body: bytes, url: str, now: datetime) -> Headers:
    signature = svix.webhooks.Webhook(SECRET).sign("msg_1", now, body.decode())
    return {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": signature,
    }


def by_stripe(body: bytes, url: str, now: datetime) -> Headers:
    timestamp = int(now.timestamp())
    signature = stripe.WebhookSignature._compute_signature(f"{timestamp}.{body.decode()}", SECRET)
    return {"stripe-signature": f"t={timestamp},v1={signature}"}


def by_slack(body: bytes, url: str, now: datetime) -> Headers:
    timestamp = str(int(now.timestamp()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": str(signature)}


def by_twilio(body: bytes, url: str, now: datetime) -> Headers:
    fields = {"MessageSid": "SM1", "Body": "Übergabe, 🫖", "Empty": ""}
    signature = RequestValidator(SECRET).compute_signature(url, fields)
    return {"x-twilio-signature": signature}


TWILIO_BODY = b"Body=%C3%9Cbergabe%2C+%F0%9F%AB%96&Empty=&MessageSid=SM1"
SENDERS: dict[str, tuple[Callable[[bytes, str, datetime], Headers], bytes, str]] = {
    "standard_webhooks": (by_standardwebhooks, BODY, JSON),
    "svix": (by_svix, BODY, JSON),
    "stripe": (by_stripe, BODY, JSON),
    "slack": (by_slack, BODY, JSON),
    "twilio": (by_twilio, TWILIO_BODY, FORM),
}


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", SENDERS)
def test_what_a_vendors_library_signs_is_received(tenant: Tenant, scheme: str) -> None:
    sign, body, content_type = SENDERS[scheme]
    endpoint = make_endpoint(tenant, scheme=scheme, secret=SECRET)
    now = timezone.now()
    headers = sign(body, endpoint.url, now) | {"content-type": content_type}
    request = Incoming(method="POST", url=endpoint.url, headers=headers, body=body)

    answer = post(endpoint, request)
    changed = post(endpoint, replace(request, body=body.replace(b"1", b"2", 1)))
    old = sign(body, endpoint.url, datetime(2020, 1, 1, tzinfo=UTC)) | {
        "content-type": content_type
    }
    late = post(endpoint, replace(request, headers=old))

    assert answer.status_code == 200
    assert changed.status_code == 401
    assert late.status_code == (200 if scheme == "twilio" else 401)
    assert Message.objects.filter(size=len(body)).exists()


def sent_by(endpoint: Endpoint, body: bytes, secret: str) -> Incoming:
    """Return what our own side of a scheme signs."""
    scheme = SCHEMES[endpoint.scheme]
    incoming = Incoming(method="POST", url=endpoint.url, headers={"content-type": JSON}, body=body)
    return scheme.sign(incoming, secret, scheme.filled({}), now=timezone.now())


@pytest.mark.django_db
def test_sendgrids_library_verifies_what_we_take_for_sendgrids(tenant: Tenant) -> None:
    """It only verifies; so what passes here must pass there, with the same key."""
    private = generate_private_key(SECP256R1())
    secret = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = _base64(public)
    endpoint = make_endpoint(tenant, scheme="sendgrid", secret=key)
    request = sent_by(endpoint, BODY, _base64(secret))
    library = EventWebhook(public_key=key)
    signature, timestamp = (
        request.headers["x-twilio-email-event-webhook-signature"],
        request.headers["x-twilio-email-event-webhook-timestamp"],
    )

    answer = post(endpoint, request)

    assert answer.status_code == 200
    assert library.verify_signature(BODY.decode(), signature, timestamp) is True
    assert library.verify_signature(BODY.decode() + " ", signature, timestamp) is False


@pytest.mark.django_db
def test_shopifys_library_verifies_what_we_take_for_shopifys(tenant: Tenant, node: Node) -> None:
    """It only verifies, as SendGrid's does."""
    endpoint = make_endpoint(tenant, scheme="shopify", secret=SECRET)
    request = sent_by(endpoint, BODY, SECRET)
    named = {
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": "shop.myshopify.com",
        "X-Shopify-API-Version": "2025-07",
        "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Hmac-Sha256": request.headers["x-shopify-hmac-sha256"],
    }

    answer = post(endpoint, request)

    assert answer.status_code == 200
    assert node.judge("shopify", [SECRET], named, BODY) == ""
    assert node.judge("shopify", [SECRET], named, BODY + b" ") == "invalid_hmac"


@ON_ONE_DATABASE
@pytest.mark.django_db
def test_every_example_of_github_becomes_an_event(tenant: Tenant, node: Node) -> None:
    """Octokit collects what GitHub really sends, and signs it here."""
    endpoint = make_endpoint(tenant)
    secret = "a secret that only GitHub knows"  # of the endpoint above
    examples: list[tuple[str, Any]] = [
        (each["name"], example)
        for each in json.loads(EXAMPLES.read_text(encoding="utf-8"))
        for example in each["examples"]
    ]

    for number, (name, example) in enumerate(examples):
        body = json.dumps(example).encode()
        headers = {
            "content-type": JSON,
            "x-github-event": name,
            "x-github-delivery": str(number),
            "x-hub-signature-256": node.sign("octokit", secret, body),
        }
        answer = post(
            endpoint, Incoming(method="POST", url=url_of(endpoint), headers=headers, body=body)
        )
        assert answer.status_code == 200, name
    processing.process()

    events = {
        event.data["message"]: event
        for event in Event.objects.filter(type__startswith="inbound.code.")
    }
    assert len(examples) == len(events) == 329
    for message in Message.objects.all():
        name, example = examples[int(str(message.key))]
        assert events[message.id].type == f"inbound.code.{name}"
        assert events[message.id].data["body"] == example


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
