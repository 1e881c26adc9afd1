"""Which request headers may be sent. Pure."""

import re
from collections.abc import Mapping

from core.http.errors import InvalidHeaderError

USER_AGENT = "Patchbay/0.1.0"

MAX_REQUEST_HEADERS_BYTES = 32_768

# RFC 9110, 5.6.2
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
# RFC 9110, 5.5, with obs-text: a receiver that splits lines on anything else must not be helped.
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

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


def prepare_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return ``headers`` with the defaults filled in.

    The answer is asked for without a content coding, so that a small response cannot unfold into a
    large one. Raises InvalidHeaderError; its message names the header, never its value.
    """
    prepared = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    spelling = {name.lower(): name for name in prepared}
    seen: set[str] = set()
    for name, value in headers.items():
        _check(name, value)
        lowered = name.lower()
        if lowered in seen:
            raise InvalidHeaderError(f"the header {name} is given twice; give it once")
        seen.add(lowered)
        prepared.pop(spelling.get(lowered, ""), None)
        prepared[name] = value.strip(" \t")
    if sum(len(name) + len(value) + 4 for name, value in prepared.items()) > (
        MAX_REQUEST_HEADERS_BYTES
    ):
        raise InvalidHeaderError(
            f"the headers are longer than {MAX_REQUEST_HEADERS_BYTES} bytes together"
        )
    return prepared


def _check(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name):
        raise InvalidHeaderError(
            f"{name[:60]!a} is not a header name: use letters, digits and hyphens"
        )
    if name.lower() in _OWN_HEADERS:
        raise InvalidHeaderError(f"the header {name} is set by the sender and cannot be given")
    if not _VALUE.fullmatch(value):
        raise InvalidHeaderError(
            f"the value of the header {name} holds a line break, another control character"
            " or a character outside Latin-1"
        )
