"""What most senders do: one HMAC in one header, of the body or of little more than the body. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from webhooks.inbound.schemes.encodings import decoded, encoded, match, unix_seconds
from webhooks.inbound.schemes.scheme import (
    Incoming,
    Options,
    Proof,
    RefusalError,
    Scheme,
    timely,
)


class PlainHmac(Scheme):
    """One signature in ``header``, after ``prefix``; the key is the text of the secret.

    With a ``timestamp_header`` its moment is signed as well, in Unix seconds: see ``content``.
    """

    header: ClassVar[str]
    prefix: ClassVar[str] = ""
    encoding: ClassVar[str] = "hex"
    algorithm: ClassVar[str] = "sha256"
    timestamp_header: ClassVar[str] = ""

    def content(self, incoming: Incoming, timestamp: str) -> bytes:
        """Return the bytes that are signed."""
        return incoming.body

    def verify(
        self,
        incoming: Incoming,
        secrets: Sequence[str],
        options: Options,
        *,
        now: datetime,
        tolerance: timedelta | None,
    ) -> Proof:
        written = incoming.header(self.header)
        if not written.startswith(self.prefix):
            raise RefusalError("malformed", f"{self.header} does not begin with {self.prefix}")
        signature = decoded(written.removeprefix(self.prefix), self.encoding)
        timestamp, sent_at = "", None
        if self.timestamp_header:
            timestamp = incoming.header(self.timestamp_header)
            sent_at = unix_seconds(timestamp)
        content = self.content(incoming, timestamp)
        digest = getattr(hashlib, self.algorithm)
        proof = match(
            secrets,
            [signature],
            lambda secret: hmac.digest(secret.encode(), content, digest),
            sent_at=sent_at,
        )
        return timely(proof, now, tolerance)

    def sign(self, incoming: Incoming, secret: str, options: Options, *, now: datetime) -> Incoming:
        headers = dict(incoming.headers)
        timestamp = str(int(now.timestamp()))
        if self.timestamp_header:
            headers[self.timestamp_header.lower()] = timestamp
        content = self.content(incoming, timestamp)
        digest = hmac.digest(secret.encode(), content, getattr(hashlib, self.algorithm))
        headers[self.header.lower()] = self.prefix + encoded(digest, self.encoding)
        return replace(incoming, headers=headers)
