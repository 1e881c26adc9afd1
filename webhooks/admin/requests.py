"""Requests that have arrived, laid out for reading: headers as a table, bodies as what they are."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.display import EMPTY, code
from core.types import Json
from webhooks.inbound import contents

SHOWN_BYTES = 100_000
SHOWN_BINARY_BYTES = 512
_BYTES_IN_LINE = 8


def header_table(headers: Sequence[tuple[str, str]]) -> SafeString | str:
    """Return headers, pairs of name and value, one in a line."""
    return _table("Header", headers) if headers else EMPTY


def pretty_body(headers: Sequence[tuple[str, str]], body: bytes) -> SafeString | str:
    """Return a body for reading, of a long one the beginning: JSON, a form, text, or bytes."""
    if len(body) > SHOWN_BYTES:
        return _beginning(body)
    content = contents.read(dict(headers), body)
    if content.format == "none":
        return "none"
    if content.format == "json":
        return _bounded(json.dumps(content.value, indent=2, ensure_ascii=False))
    if content.format == "form" and isinstance(content.value, dict):
        return _table("Field", _fields(content.value))
    if content.format == "base64":
        return _binary(body, len(body))
    return code(str(content.value))


def _beginning(body: bytes) -> SafeString | str:
    try:
        # A character may have been cut in two at the end.
        text = body[: SHOWN_BYTES + 3].decode()
    except UnicodeDecodeError as error:
        if error.start < SHOWN_BYTES:
            return _binary(body[:SHOWN_BINARY_BYTES], len(body))
        text = body[: error.start].decode()
    return format_html(
        "{}<p>Its first {} characters; it has {} bytes.</p>",
        code(text[:SHOWN_BYTES]),
        f"{SHOWN_BYTES:,}",
        f"{len(body):,}",
    )


def _bounded(text: str) -> SafeString | str:
    """Return text that may have become long only by being laid out."""
    if len(text) <= SHOWN_BYTES:
        return code(text)
    shown = code(text[:SHOWN_BYTES])
    return format_html("{}<p>Its beginning, as laid out here.</p>", shown)


def _binary(body: bytes, size: int) -> SafeString:
    shown = code("\n".join(_dumped(body[:SHOWN_BINARY_BYTES])))
    return format_html(
        "{}<p>{} bytes that are no text, and how they begin.</p>", shown, f"{size:,}"
    )


def _dumped(body: bytes) -> Iterable[str]:
    for start in range(0, len(body), _BYTES_IN_LINE):
        line = body[start : start + _BYTES_IN_LINE]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        yield f"{start:04x} {line.hex(' '):<23}  {text}"


def _fields(fields: dict[str, Json]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _table(kind: str, pairs: Sequence[tuple[str, Any]]) -> SafeString:
    html = render_to_string("webhooks/pairs.html", {"kind": kind, "pairs": pairs})
    return mark_safe(html)  # noqa: S308  # the template has escaped what is in it
