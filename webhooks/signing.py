"""Signing and verifying webhooks: Standard Webhooks v1 and v1a, and the plain body signature.

Source: the Standard Webhooks specification, "Signature scheme"; v1a keys are ed25519, ``whsk_``
private (32-byte seed, then the public key) and ``whpk_`` public, both in base64.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix that marks a secret, not a secret
PRIVATE_KEY_PREFIX = "whsk_"
PUBLIC_KEY_PREFIX = "whpk_"
NEW_SECRET_BYTES = 32
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
MIN_TEXT_SECRET_CHARACTERS, MAX_TEXT_SECRET_CHARACTERS = 16, 200
TOLERANCE = timedelta(minutes=5)
MAX_SIGNATURES = 20

_SEED_BYTES = 32
_MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")  # printable ASCII without the separator "."
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_TEXT_SECRET = re.compile(r"[!-~][ -~]*[!-~]")


class SecretError(ValueError):
    """A secret or key cannot be used to sign; the message says what it must look like."""


class VerificationError(ValueError):
    """A message is not proven to come from a holder of the key; the message says what is wrong."""


class WrongSignatureError(VerificationError):
    """A message is well-formed, and no holder of the key has signed it."""


def new_secret() -> str:
    """Return a fresh random secret: ``whsec_`` and 32 bytes in base64."""
    return SECRET_PREFIX + _encode(secrets.token_bytes(NEW_SECRET_BYTES))


def new_key_pair() -> tuple[str, str]:
    """Return a fresh ed25519 key pair: the private ``whsk_`` and the public ``whpk_`` key."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    private_text = PRIVATE_KEY_PREFIX + _encode(private.private_bytes_raw() + public)
    return private_text, PUBLIC_KEY_PREFIX + _encode(public)


def public_key_of(private_key: str) -> str:
    """Return the ``whpk_`` key that verifies what ``private_key`` signs."""
    return PUBLIC_KEY_PREFIX + _encode(_private_key(private_key).public_key().public_bytes_raw())


def check_secret(secret: str) -> None:
    """Raise SecretError unless ``secret`` can be used for HMAC."""
    _hmac_key(secret)


def sign_v1(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1,`` and the HMAC-SHA256 in base64; ``timestamp`` is in Unix seconds.

    The key is what base64 holds after ``whsec_``. A secret in any other form is its own key.
    """
    content = _signed_content(message_id, timestamp, body)
    return "v1," + _encode(hmac.digest(_hmac_key(secret), content, hashlib.sha256))


def sign_v1a(private_key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return ``v1a,`` and the ed25519 signature in base64; ``timestamp`` is in Unix seconds."""
    content = _signed_content(message_id, timestamp, body)
    return "v1a," + _encode(_private_key(private_key).sign(content))


def signature_header(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: one signature per key, in the order given.

    Give the newest key first: while a rotation lasts, receivers find the signature that they are
    to use from now on in front.
    """
    signatures = [
        (sign_v1a if key.startswith(PRIVATE_KEY_PREFIX) else sign_v1)(
            key, message_id, timestamp, body
        )
        for key in keys
    ]
    if not signatures:
        raise SecretError("There is no key to sign with; give at least one")
    return " ".join(signatures)


def body_signature(secret: str, body: bytes) -> str:
    """Return ``sha256=`` and the HMAC-SHA256 of the body alone, in hexadecimal.

    The key is the secret as its owner sees it, a ``whsec_`` prefix included, because receivers
    compute ``createHmac("sha256", secret)`` with the text they were shown.
    """
    check_secret(secret)
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def verify(
    keys: Iterable[str],
    *,
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> int:
    """Return the number, from 1, of the key of ``keys`` that made one of the ``signatures``.

    Raises VerificationError when none did.
    ``message_id``, ``timestamp`` and ``signatures`` are the three headers as received. Keys are
    secrets (v1), and ``whpk_`` or ``whsk_`` keys (v1a); a malformed key raises SecretError. A
    timestamp further than ``tolerance`` from ``now``, before or after, is refused, which bounds
    how long a message can be replayed; whoever needs once-only must remember the ids as well.
    """
    checks = [_checker(key) for key in keys]
    sent_at = _sent_at(timestamp)
    if abs(now.timestamp() - sent_at) > tolerance.total_seconds():
        raise VerificationError("The timestamp is too far from the present time")
    try:
        content = _signed_content(message_id, sent_at, body)
    except ValueError:
        raise VerificationError("The message id is malformed") from None
    listed = _listed(signatures)
    for number, check in enumerate(checks, start=1):
        if any(check(version, signature, content) for version, signature in listed):
            return number
    raise WrongSignatureError("No signature matches any of the keys")


def verify_body(secrets_in_force: Iterable[str], header: str, body: bytes) -> None:
    """Raise VerificationError unless ``header`` is the body signature for one of the secrets."""
    received = header.encode(errors="replace")
    expected = [body_signature(secret, body).encode() for secret in secrets_in_force]
    if not any(hmac.compare_digest(received, signature) for signature in expected):
        raise WrongSignatureError("The signature of the body matches none of the secrets")


def _checker(key: str) -> Callable[[str, bytes, bytes], bool]:
    if key.startswith((PRIVATE_KEY_PREFIX, PUBLIC_KEY_PREFIX)):
        public = _public_key(key)
        return lambda version, signature, content: (
            version == "v1a" and _fits(public, signature, content)
        )
    secret = _hmac_key(key)
    return lambda version, signature, content: (
        version == "v1"
        and hmac.compare_digest(hmac.digest(secret, content, hashlib.sha256), signature)
    )


def _fits(public: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        public.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _listed(signatures: str) -> list[tuple[str, bytes]]:
    """Return the version and the decoded bytes of each signature in the header.

    Unknown versions are skipped, as the specification asks, so that new ones can be introduced.
    """
    listed: list[tuple[str, bytes]] = []
    for entry in islice(filter(None, signatures.split(" ")), MAX_SIGNATURES + 1):
        version, _, encoded = entry.partition(",")
        if version not in {"v1", "v1a"}:
            continue
        try:
            listed.append((version, base64.b64decode(encoded, validate=True)))
        except (binascii.Error, ValueError):
            raise VerificationError("A signature is not valid base64") from None
    if len(listed) > MAX_SIGNATURES:
        raise VerificationError(f"There are more than {MAX_SIGNATURES} signatures")
    return listed


def _sent_at(timestamp: str) -> int:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise VerificationError("The timestamp is not a number of Unix seconds")
    return int(timestamp)


def _signed_content(message_id: str, timestamp: int, body: bytes) -> bytes:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError('A message id is 1 to 256 printable ASCII characters without "." or space')
    return f"{message_id}.{timestamp}.".encode() + body


@lru_cache(maxsize=1_024)
def _hmac_key(secret: str) -> bytes:
    if secret.startswith((PRIVATE_KEY_PREFIX, PUBLIC_KEY_PREFIX)):
        raise SecretError("This is an ed25519 key; a secret for HMAC is needed here")
    if not secret.startswith(SECRET_PREFIX):
        return _text_key(secret)
    key = _decode(secret.removeprefix(SECRET_PREFIX), SECRET_PREFIX)
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise SecretError(
            f"A {SECRET_PREFIX} secret holds {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes,"
            f" not {len(key)}"
        )
    return key


def _text_key(secret: str) -> bytes:
    shortest, longest = MIN_TEXT_SECRET_CHARACTERS, MAX_TEXT_SECRET_CHARACTERS
    if not shortest <= len(secret) <= longest:
        raise SecretError(f"A secret has {shortest} to {longest} characters, not {len(secret)}")
    if not _TEXT_SECRET.fullmatch(secret):
        raise SecretError("A secret has only printable ASCII characters and no space at its ends")
    return secret.encode()


def _private_key(text: str) -> Ed25519PrivateKey:
    if not text.startswith(PRIVATE_KEY_PREFIX):
        raise SecretError(f"A private key starts with {PRIVATE_KEY_PREFIX}")
    raw = _decode(text.removeprefix(PRIVATE_KEY_PREFIX), PRIVATE_KEY_PREFIX)
    if len(raw) != 2 * _SEED_BYTES:
        raise SecretError(f"A {PRIVATE_KEY_PREFIX} key holds 64 bytes, not {len(raw)}")
    private = Ed25519PrivateKey.from_private_bytes(raw[:_SEED_BYTES])
    if private.public_key().public_bytes_raw() != raw[_SEED_BYTES:]:
        raise SecretError("The two halves of the private key do not belong together")
    return private


def _public_key(text: str) -> Ed25519PublicKey:
    if text.startswith(PRIVATE_KEY_PREFIX):
        return _private_key(text).public_key()
    raw = _decode(text.removeprefix(PUBLIC_KEY_PREFIX), PUBLIC_KEY_PREFIX)
    if len(raw) != _SEED_BYTES:
        raise SecretError(f"A {PUBLIC_KEY_PREFIX} key holds 32 bytes, not {len(raw)}")
    return Ed25519PublicKey.from_public_bytes(raw)


def _decode(encoded: str, prefix: str) -> bytes:
    # Some services hand out their keys without the padding, and every library accepts them.
    padding = "=" * (-len(encoded) % 4)
    try:
        return base64.b64decode(encoded + padding, validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"What follows {prefix} is not valid base64") from None


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
