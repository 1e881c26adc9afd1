"""The form in which values are compared: what is equal here is equal to the identity provider.

Databases fold letters each in their own way, so values are folded once, when they are written, and
compared byte by byte.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import MINYEAR, UTC, datetime
from typing import Any
from unicodedata import normalize

from core.types import Json
from scim.schemas.attributes import Attribute

FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


def fold(text: str, *, case_exact: bool = False) -> str:
    """Return what a comparison uses in place of ``text`` (RFC 8265, section 3.3, without its width mapping)."""
    normalized = normalize("NFC", text)
    return normalized if case_exact else normalize("NFC", normalized.lower())


def folded(data: Mapping[str, Json], within: Attribute) -> dict[str, Json]:
    """Return a resource or a complex value with every value as it is compared.

    Names are written as the schema writes them. What no schema knows, and what holds nothing
    (RFC 7643, section 2.5), is left out.
    """
    result: dict[str, Json] = {}
    for name, value in data.items():
        attribute = within.child(name)
        if attribute is None or value is None or value == []:
            continue
        if attribute.multi_valued and isinstance(value, list):
            result[attribute.name] = [folded_value(each, attribute) for each in value]
        else:
            result[attribute.name] = folded_value(value, attribute)
    return result


def folded_value(value: Json, attribute: Attribute) -> Json:
    """Return one value of ``attribute`` as it is compared."""
    if isinstance(value, Mapping):
        return folded(value, attribute)
    if not isinstance(value, str):
        return value
    if attribute.type == "dateTime":
        return folded_moment(value)
    if attribute.type == "binary":
        return _folded_bytes(value)
    return fold(value, case_exact=attribute.case_exact)


def folded_moment(value: str | datetime) -> str:
    """Return a moment such that the text of an earlier one sorts before it."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except ValueError:
        return str(value)
    return in_utc(moment).isoformat(timespec="microseconds")


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, which is the zone of one without a zone.

    What lies before the first year there, or behind the last, is the first moment or the last.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return FIRST_MOMENT if aware.year == MINYEAR else LAST_MOMENT


def _folded_bytes(value: str) -> str:
    """Return base64 as everybody would write it."""
    try:
        return base64.b64encode(base64.decodebytes(value.encode())).decode()
    except binascii.Error:
        return value


def comparable(value: Any, attribute: Attribute) -> Json:
    """Return the operand of a filter in the form in which ``attribute`` is kept."""
    if isinstance(value, datetime):
        return folded_moment(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return folded_value(value, attribute)
