"""Discord: ed25519 of timestamp and body. Source: docs.discord.com, "Interactions", "Webhook Events"."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from webhooks.inbound.schemes.encodings import decoded, unix_seconds
from webhooks.inbound.schemes.scheme import (
    DEFAULT_TOLERANCE,
    Answer,
    Incoming,
    Options,
    Proof,
    RefusalError,
    Sample,
    Scheme,
    SecretError,
    timely,
)

HEADER, TIMESTAMP = "X-Signature-Ed25519", "X-Signature-Timestamp"
PING, PONG = 1, Answer(content_type="application/json", body='{"type":1}')
KEY_BYTES, SIGNATURE_BYTES = 32, 64


class Discord(Scheme):
    """Interactions and webhook events of an app on Discord."""

    name = "discord"
    label = "Discord"
    hint = "The Public Key of the app, under General Information in Discord's Developer Portal."
    verifies_only = True
    tolerance = DEFAULT_TOLERANCE
    message_key = "body:id"
    event_type = "body:event.type"
    sample = Sample(body=b'{"id": "1", "type": 2, "data": {"name": "sample"}}')

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        try:
            _key(secret)
        except ValueError:
            raise SecretError("A public key of Discord has 64 digits of hexadecimal") from None

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        signature = decoded(incoming.header(HEADER), "hex")
        timestamp = incoming.header(TIMESTAMP)
        sent_at = unix_seconds(timestamp)
        if len(signature) != SIGNATURE_BYTES:
            raise RefusalError("malformed", "The signature does not have 64 bytes")
        for number, secret in enumerate(secrets, start=1):
            try:
                _key(secret).verify(signature, timestamp.encode() + incoming.body)
            except InvalidSignature:
                continue
            return timely(Proof(secret=number, sent_at=sent_at), now, tolerance)
        raise RefusalError("wrong_signature", "The signature matches none of the public keys")

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        """Do it with the private key, in hexadecimal, which only Discord has."""
        timestamp = str(int(now.timestamp()))
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        signature = private.sign(timestamp.encode() + incoming.body).hex()
        signed = {HEADER.lower(): signature, TIMESTAMP.lower(): timestamp}
        return replace(incoming, headers={**incoming.headers, **signed})

    def greeting(self, incoming: Incoming) -> Answer | None:
        """Answer PING, which Discord sends when the URL is entered, and now and then afterwards."""
        try:
            body = json.loads(incoming.body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(body, dict) or "event" in body:
            return None
        # Interactions have a PING of type 1, webhook events one of type 0, whose answer has no body.
        kind = body.get("type")
        if kind == PING:
            return PONG
        return Answer(status_code=204) if kind == 0 else None


def _key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
