"""One header with the moment and the signatures: ``t=1492774577,v1=5257a8…``. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from webhooks.inbound.schemes.encodings import MAX_SIGNATURES, decoded, match, unix_seconds
from webhooks.inbound.schemes.scheme import (
    DEFAULT_TOLERANCE,
    Incoming,
    Options,
    Proof,
    RefusalError,
    Scheme,
    timely,
)


class TimedHmac(Scheme):
    """The HMAC-SHA256 of ``<t>.<body>`` in hexadecimal, as ``v1``; other versions are skipped.

    The key is the whole text of the secret.
    """

    tolerance = DEFAULT_TOLERANCE
    header: ClassVar[str]

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        timestamp, signatures = self._parts(incoming.header(self.header))
        sent_at = unix_seconds(timestamp)
        content = _content(timestamp, incoming.body)
        proof = match(
            secrets,
            signatures,
            lambda secret: hmac.digest(secret.encode(), content, hashlib.sha256),
            sent_at=sent_at,
        )
        return timely(proof, now, tolerance)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        timestamp = str(int(now.timestamp()))
        digest = hmac.digest(secret.encode(), _content(timestamp, incoming.body), hashlib.sha256)
        value = f"t={timestamp},v1={digest.hex()}"
        return replace(incoming, headers={**incoming.headers, self.header.lower(): value})

    def _parts(self, header: str) -> tuple[str, list[bytes]]:
        """Return the moment and the signatures; one that is malformed hides none of the others."""
        timestamp, signatures = "", []
        for part in header.split(",")[: 2 * MAX_SIGNATURES]:
            name, _, value = part.strip().partition("=")
            if name == "t":
                timestamp = value
            elif name == "v1":
                try:
                    signatures.append(decoded(value, "hex"))
                except RefusalError:
                    continue
        if not signatures:
            raise RefusalError("malformed", f"{self.header} holds no v1 signature")
        return timestamp, signatures


def _content(timestamp: str, body: bytes) -> bytes:
    return timestamp.encode() + b"." + body
