"""Digests as senders write them, and comparing them. Pure."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable, Sequence

from webhooks.inbound.schemes.scheme import Proof, RefusalError

MAX_SIGNATURES = 20
MAX_SIGNATURE_CHARACTERS = 2_048

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_BASE64_URL = str.maketrans("-_", "+/")


def decoded(text: str, encoding: str) -> bytes:
    """Return the bytes behind ``text``: ``hex``, ``base64`` or ``base64url``, padded or not.

    Raises RefusalError for what is neither.
    """
    if len(text) > MAX_SIGNATURE_CHARACTERS:
        raise RefusalError("malformed", "The signature is too long")
    try:
        if encoding == "hex":
            return binascii.unhexlify(text)
        plain = text.translate(_BASE64_URL) if encoding == "base64url" else text
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise RefusalError("malformed", f"The signature is not valid {encoding}") from None


def encoded(raw: bytes, encoding: str) -> str:
    """Return ``raw`` in one of these encodings."""
    if encoding == "hex":
        return raw.hex()
    if encoding == "base64url":
        return base64.urlsafe_b64encode(raw).decode()
    return base64.b64encode(raw).decode()


def unix_seconds(text: str) -> int:
    """Return a moment as senders write it; raise RefusalError for anything but digits."""
    if not _TIMESTAMP.fullmatch(text):
        raise RefusalError("malformed", "The timestamp is not a number of Unix seconds")
    return int(text)


def match(
    secrets: Sequence[str],
    signatures: Iterable[bytes],
    expected: Callable[[str], bytes],
    *,
    sent_at: int | None = None,
) -> Proof:
    """Return the proof when one of ``signatures`` is the ``expected`` one of one of ``secrets``.

    Takes as long whichever of them it is. Raises RefusalError when there is none, or too many.
    """
    received = list(signatures)
    if len(received) > MAX_SIGNATURES:
        raise RefusalError("malformed", f"There are more than {MAX_SIGNATURES} signatures")
    found = 0
    for number, secret in enumerate(secrets, start=1):
        right = expected(secret)
        fits = [hmac.compare_digest(each, right) for each in received]
        if any(fits) and not found:
            found = number
    if not found:
        raise RefusalError("wrong_signature", "No signature matches any of the secrets")
    return Proof(secret=found, sent_at=sent_at)
