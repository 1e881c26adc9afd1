"""Standard Webhooks: v1 (HMAC-SHA256) and v1a (ed25519), and senders that have taken it over.

Source: the Standard Webhooks specification; Svix calls the same headers by names of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import uuid4

from webhooks import signing
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

NO_LIMIT = timedelta(days=365_000)


class StandardWebhooks(Scheme):
    """A sender that keeps to Standard Webhooks, such as Patchbay itself."""

    name = "standard_webhooks"
    label = "Standard Webhooks"
    hint = "The secret that the sender shows (whsec_…), or its public key (whpk_…)."
    tolerance = DEFAULT_TOLERANCE
    message_key = "header:webhook-id"
    event_type = "body:type"
    # By these names the headers are looked for: the first that is there counts.
    prefixes: ClassVar[tuple[str, ...]] = ("webhook",)

    def check_secret(self, secret: str) -> None:
        super().check_secret(secret)
        try:
            _verify([secret], "", "", "", b"", now=datetime.fromtimestamp(0, UTC))
        except signing.VerificationError:
            return
        except signing.SecretError as error:
            raise SecretError(str(error)) from error

    def new_secret(self) -> str:
        return signing.new_secret()

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        prefix = self._prefix(incoming)
        message_id = incoming.header(f"{prefix}-id")
        timestamp = incoming.header(f"{prefix}-timestamp")
        signatures = incoming.header(f"{prefix}-signature")
        try:
            number = _verify(secrets, message_id, timestamp, signatures, incoming.body, now=now)
        except signing.WrongSignatureError as error:
            raise RefusalError("wrong_signature", str(error)) from error
        except signing.VerificationError as error:
            raise RefusalError("malformed", str(error)) from error
        except signing.SecretError as error:
            raise RefusalError("unusable_secret", "A stored secret cannot be used") from error
        return timely(Proof(secret=number, sent_at=int(timestamp)), now, tolerance)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        prefix = self._prefix(incoming)
        message_id = incoming.headers.get(f"{prefix}-id") or f"msg_{uuid4().hex}"
        timestamp = int(now.timestamp())
        try:
            signature = signing.signature_header([secret], message_id, timestamp, incoming.body)
        except signing.SecretError as error:
            raise SecretError(str(error)) from error
        signed = {
            f"{prefix}-id": message_id,
            f"{prefix}-timestamp": str(timestamp),
            f"{prefix}-signature": signature,
        }
        return replace(incoming, headers={**incoming.headers, **signed})

    def repeats_told_by(self, incoming: Incoming) -> str:
        """Return the header that was verified: who has seen a request may send it by other names."""
        return f"header:{self._prefix(incoming)}-id"

    def _prefix(self, incoming: Incoming) -> str:
        for prefix in self.prefixes:
            if f"{prefix}-signature" in incoming.headers or f"{prefix}-id" in incoming.headers:
                return prefix
        return self.prefixes[0]


class Svix(StandardWebhooks):
    """A sender that delivers through Svix."""

    name = "svix"
    label = "Svix"
    hint = "The signing secret of the endpoint (whsec_…), as the sender's portal shows it."
    message_key = "header:svix-id"
    prefixes = ("svix", "webhook")


class GitLab(StandardWebhooks):
    """GitLab with a signing token, which is Standard Webhooks."""

    name = "gitlab"
    label = "GitLab, signed"
    hint = "The signing token of the webhook (whsec_…), under Settings, Webhooks in GitLab."
    event_type = "header:X-Gitlab-Event"
    sample = Sample(
        body=b'{"object_kind": "push", "ref": "refs/heads/main"}',
        headers={"content-type": "application/json", "x-gitlab-event": "Push Hook"},
    )


def _verify(
    keys: Sequence[str],
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    *,
    now: datetime,
) -> int:
    """Verify without a look at the clock, which is ours to judge."""
    return signing.verify(
        keys,
        message_id=message_id,
        timestamp=timestamp,
        signatures=signatures,
        body=body,
        now=now,
        tolerance=NO_LIMIT,
    )
