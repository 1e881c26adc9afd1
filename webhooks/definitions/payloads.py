"""How a pasted body becomes a payload template."""

from collections.abc import Iterable

from core.templating import RelaxedJson, write_template
from webhooks.types import HeaderField, SubscriptionFields

FORM_TYPE = "application/x-www-form-urlencoded"


def payload_of_value(value: RelaxedJson, headers: Iterable[HeaderField]) -> SubscriptionFields:
    """Return the payload fields for the value of an object literal.

    A string is a body of its own; anything else is JSON, or a form if the headers say so.
    """
    if isinstance(value, str):
        return {"payload_format": "text", "payload": value}
    return {"payload_format": _format(headers), "payload": write_template(value)}


def payload_of_text(text: str, headers: Iterable[HeaderField]) -> SubscriptionFields:
    """Return the payload fields for the text of a block, which is kept as it stands."""
    looks_like_json = text.lstrip().startswith(("{", "[", "//", "/*"))
    return {"payload_format": _format(headers) if looks_like_json else "text", "payload": text}


def _format(headers: Iterable[HeaderField]) -> str:
    types = [header["value"].lower() for header in headers if _is_content_type(header)]
    return "form" if any(type_.startswith(FORM_TYPE) for type_ in types) else "json"


def _is_content_type(header: HeaderField) -> bool:
    return header["name"].lower() == "content-type"
