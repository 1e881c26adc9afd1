"""SendGrid: ECDSA over P-256 and SHA-256 of timestamp and body.

Source: twilio.com/docs/sendgrid, "Getting Started with the Event Webhook Security Features".
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from webhooks.inbound.schemes.encodings import decoded, unix_seconds
from webhooks.inbound.schemes.scheme import (
    DEFAULT_TOLERANCE,
    Incoming,
    Options,
    Proof,
    RefusalError,
    Sample,
    Scheme,
    SecretError,
    timely,
)

HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class SendGrid(Scheme):
    """The event webhook of SendGrid, with the signature switched on."""

    name = "sendgrid"
    label = "SendGrid"
    hint = "The Verification Key, under Settings, Mail Settings, Event Webhook in SendGrid."
    verifies_only = True
    tolerance = DEFAULT_TOLERANCE
    # One request brings many events, so it is the request that is known again.
    message_key = "body"
    event_type = "body:[0].event"
    sample = Sample(
        body=b'[{"email": "mia@example.com", "event": "delivered", "sg_event_id": "sample"}]'
    )

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        try:
            _public_key(secret)
        except (ValueError, UnsupportedAlgorithm):
            raise SecretError(
                "A verification key is a public key for P-256 in base64; it begins with MFkw"
            ) from None

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        signature = decoded(incoming.header(HEADER), "base64")
        timestamp = incoming.header(TIMESTAMP)
        sent_at = unix_seconds(timestamp)
        for number, secret in enumerate(secrets, start=1):
            content = timestamp.encode() + incoming.body
            try:
                _public_key(secret).verify(signature, content, ECDSA(SHA256()))
            except InvalidSignature:
                continue
            return timely(Proof(secret=number, sent_at=sent_at), now, tolerance)
        raise RefusalError("wrong_signature", "The signature matches none of the keys")

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        """Do it with the private key (PKCS #8, DER, base64), which only SendGrid has."""
        timestamp = str(int(now.timestamp()))
        private = load_der_private_key(base64.b64decode(secret), password=None)
        if not isinstance(private, EllipticCurvePrivateKey):
            raise SecretError("This is no private key for P-256")
        signature = private.sign(timestamp.encode() + incoming.body, ECDSA(SHA256()))
        signed = {
            HEADER.lower(): base64.b64encode(signature).decode(),
            TIMESTAMP.lower(): timestamp,
        }
        return replace(incoming, headers={**incoming.headers, **signed})


def _public_key(text: str) -> EllipticCurvePublicKey:
    key = load_der_public_key(base64.b64decode(text, validate=True))
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise ValueError
