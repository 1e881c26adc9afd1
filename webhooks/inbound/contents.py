"""What a received body says: JSON, the fields of a form, text, or bytes. Pure."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from core import strict_json
from core.types import Json

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 1_000
NUL = "\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body as events carry it. ``format`` is json, form, text, base64 or none."""

    format: str
    value: Json


def read(headers: Mapping[str, str], body: bytes) -> Content:
    """Return what a body says; header names are in lower case. Nothing in it is refused.

    What says that it is JSON and is none, or none that every receiver reads alike, is text.
    """
    if not body:
        return Content(format="none", value=None)
    try:
        value = strict_json.loads(body)
    except strict_json.StrictJsonError:
        return _form_or_plain(headers, body)
    # Senders call JSON a form, as curl does; a form that is a number is one all the same.
    if is_form(headers) and not isinstance(value, dict | list):
        return _form_or_plain(headers, body)
    return Content(format="json", value=value)


def is_form(headers: Mapping[str, str]) -> bool:
    """Say whether a body is said to be a form."""
    return media_type(headers.get("content-type", "")) == FORM_TYPE


def read_form(body: bytes) -> dict[str, Json] | None:
    """Return the fields of a form, a repeated one as a list; None for what is none."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS
        )
    except ValueError:
        return None
    fields: dict[str, Json] = {}
    for name, value in pairs:
        if NUL in name or NUL in value:
            return None
        before = fields.get(name)
        if isinstance(before, list):
            before.append(value)
        else:
            fields[name] = value if name not in fields else [before, value]
    return fields


def media_type(content_type: str) -> str:
    """Return the type alone, without its parameters (RFC 9110, 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def _form_or_plain(headers: Mapping[str, str], body: bytes) -> Content:
    fields = read_form(body) if is_form(headers) else None
    return _plain(body) if fields is None else Content(format="form", value=fields)


def _plain(body: bytes) -> Content:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Content(format="base64", value=base64.b64encode(body).decode())
    return Content(format="text", value=text.replace(NUL, "\ufffd"))
