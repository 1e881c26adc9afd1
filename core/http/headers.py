"""Which request headers may be sent, and how those of an answer are kept. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache

from core.http.errors import InvalidHeaderError

USER_AGENT = "Patchbay/0.1.0"

MAX_REQUEST_HEADERS_BYTES = 32_768

# RFC 9110, 5.6.2
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
# RFC 9110, 5.5, with obs-text: a receiver that splits lines on anything else must not be helped.
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

# What cannot be stored or shown everywhere: the control characters, but for the tab.
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

# How the message is framed and whom it is for is decided by the URL and the body alone. A second
# opinion in a header is how requests are smuggled past a proxy.
_OWN_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


_DEFAULTS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
_SPELLING = {name.lower(): name for name in _DEFAULTS}
_DEFAULTS_BYTES = sum(len(name) + len(value) + 4 for name, value in _DEFAULTS.items())


def prepare_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return ``headers`` with the defaults filled in.

    The answer is asked for without a content coding, so that a small response cannot unfold into a
    large one. Raises InvalidHeaderError; its message names the header, never its value.
    """
    prepared = dict(_DEFAULTS)
    length = 0
    seen: set[str] = set()
    for name, value in headers.items():
        lowered = _checked_name(name)
        if not _VALUE.fullmatch(value):
            raise InvalidHeaderError(
                f"the value of the header {name} holds a line break, another control character"
                " or a character outside Latin-1"
            )
        if lowered in seen:
            raise InvalidHeaderError(f"the header {name} is given twice; give it once")
        seen.add(lowered)
        if lowered in _SPELLING:
            prepared.pop(_SPELLING[lowered], None)
        prepared[name] = stripped = value.strip(" \t")
        length += len(name) + len(stripped) + 4
    if length > MAX_REQUEST_HEADERS_BYTES - _DEFAULTS_BYTES:
        raise InvalidHeaderError(
            f"the headers are longer than {MAX_REQUEST_HEADERS_BYTES} bytes together"
        )
    return prepared


def header_lines(prepared: Mapping[str, str]) -> list[bytes]:
    """Return ``prepared`` headers in the notation of libcurl, which is not quite that of the wire.

    There, a name with a semicolon is a header without a value, and a name with nothing after its
    colon is a header that libcurl must not add of its own accord.
    """
    lines = [
        (f"{name}: {value}" if value else f"{name};").encode("latin-1")
        for name, value in prepared.items()
    ]
    lines.append(b"Expect:")
    if "Content-Type" not in prepared and not any(
        name.lower() == "content-type" for name in prepared
    ):
        lines.append(b"Content-Type:")
    return lines


def storable(text: str) -> str:
    """Return ``text``, which a peer sent, with U+FFFD in the place of every control character."""
    return _CONTROLS.sub("\ufffd", text)


@lru_cache(maxsize=1_024)
def _checked_name(name: str) -> str:
    """Return ``name`` in lower case; raise InvalidHeaderError when it may not be sent."""
    if not _TOKEN.fullmatch(name):
        raise InvalidHeaderError(
            f"{name[:60]!a} is not a header name: use letters, digits and hyphens"
        )
    lowered = name.lower()
    if lowered in _OWN_HEADERS:
        raise InvalidHeaderError(f"the header {name} is set by the sender and cannot be given")
    return lowered
