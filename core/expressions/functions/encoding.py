"""Functions that encode texts for where they go, and digests of texts. All work on UTF-8."""

import base64
import binascii
import hashlib
import hmac
from html import escape
from urllib.parse import quote

from core.expressions.context import RefusedError
from core.expressions.kinds import TEXT
from core.expressions.registry import Parameter, function


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError("needs a text without halves of surrogate pairs") from error


@function("base64_encode", Parameter(name="text", kind=TEXT))
def base64_encode(text: str) -> str:
    """Encode a text in base64 (RFC 4648, section 4)."""
    return base64.b64encode(_utf8(text)).decode("ascii")


@function("base64_decode", Parameter(name="text", kind=TEXT))
def base64_decode(text: str) -> str:
    """Decode base64 (RFC 4648, section 4) that holds a text."""
    try:
        return base64.b64decode(_utf8(text), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RefusedError("needs base64 of a text") from error


@function("url_encode", Parameter(name="text", kind=TEXT))
def url_encode(text: str) -> str:
    """Percent-encode everything but letters, digits and ``-._~`` (RFC 3986, section 2.3)."""
    return quote(_utf8(text), safe="")


@function("html_escape", Parameter(name="text", kind=TEXT))
def html_escape(text: str) -> str:
    """Escape a text for HTML, also within attributes."""
    return escape(text)


@function("sha256", Parameter(name="text", kind=TEXT))
def sha256(text: str) -> str:
    """Return the SHA-256 digest of a text, in hexadecimal."""
    return hashlib.sha256(_utf8(text)).hexdigest()


@function("hmac_sha256", Parameter(name="text", kind=TEXT), Parameter(name="key", kind=TEXT))
def hmac_sha256(text: str, key: str) -> str:
    """Return the HMAC (RFC 2104) of a text with SHA-256, in hexadecimal."""
    return hmac.new(_utf8(key), _utf8(text), hashlib.sha256).hexdigest()
