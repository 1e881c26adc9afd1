"""Is a text an e-mail address, a phone number, a date …: the same answers for rules and schemas."""

import re
from collections.abc import Callable
from datetime import date, time
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

import phonenumbers

from core.validation.pattern import compile_pattern
from core.validation.work import spend

MAX_CHARACTERS = 2_048
MAX_EMAIL_CHARACTERS = 254
MAX_LOCAL_PART_CHARACTERS = 64
MAX_HOST_CHARACTERS = 253
FORMAT_UNITS = 3
# The library looks a number up in the plans of many countries.
PHONE_UNITS = 30

_LOCAL_PART = re.compile(r"[^\s@.,;:<>()\[\]\"\\\x00-\x1f\x7f]+")
_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_PHONE = re.compile(r"\+[0-9][0-9 ().\-/]{5,40}")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"([0-9]{2}:[0-9]{2}:)([0-9]{2})(?:\.[0-9]{1,9})?(?:[zZ]|[+-]([0-9]{2}):([0-9]{2}))"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URI = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_DURATION = re.compile(
    r"P(?!$)(?:[0-9]+W|(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)"
)


def is_email(text: str) -> bool:
    """Whether mail could be sent there: one @, a dotted local part, a host with a dot."""
    local, _, host = text.rpartition("@")
    return (
        len(text) <= MAX_EMAIL_CHARACTERS
        and len(local) <= MAX_LOCAL_PART_CHARACTERS
        and all(_LOCAL_PART.fullmatch(word) for word in local.split("."))
        and "." in host
        and is_hostname(host, international=True)
    )


def is_phone(text: str) -> bool:
    """Whether it is a number that exists in its country's plan: +, country, number, separators."""
    return _PHONE.fullmatch(text) is not None and _is_assignable(text, None)


def is_international_phone(text: str) -> bool:
    """Whether it is a valid number in the E.164 form: + and digits only."""
    return _E164.fullmatch(text) is not None and _is_assignable(text, None)


def is_phone_in(region: str) -> Callable[[str], bool]:
    """Return a check for numbers as dialed in ``region`` (ISO 3166), or with + and a country."""
    return lambda text: len(text) <= 40 and text.isprintable() and _is_assignable(text, region)


def is_region(code: str) -> bool:
    """Whether ``code`` names a country with a numbering plan, such as ES."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _is_assignable(text: str, region: str | None) -> bool:
    spend(PHONE_UNITS)
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def is_date(text: str) -> bool:
    """Whether it is a day of the calendar, YYYY-MM-DD (RFC 3339, full-date)."""
    return _DATE.fullmatch(text) is not None and _parses(date.fromisoformat, text)


def is_time(text: str) -> bool:
    """Whether it is a time with its zone (RFC 3339, full-time); a leap second is accepted."""
    parts = _TIME.fullmatch(text)
    if parts is None:
        return False
    # Python has no second 60.
    seconds = "59" if parts[2] == "60" else parts[2]
    zone_is_possible = int(parts[3] or 0) < 24 and int(parts[4] or 0) < 60
    return zone_is_possible and _parses(time.fromisoformat, parts[1] + seconds)


def is_datetime(text: str) -> bool:
    """Whether it is a moment: a date, T, a time with its zone (RFC 3339, date-time)."""
    return text[10:11] in {"T", "t"} and is_date(text[:10]) and is_time(text[11:])


def is_uuid(text: str) -> bool:
    """Whether it is a UUID in the 8-4-4-4-12 form (RFC 9562)."""
    return _UUID.fullmatch(text) is not None


def is_url(text: str) -> bool:
    """Whether it is an http or https address with a host."""
    parts = _split(text)
    return (
        parts is not None
        and parts.scheme in {"http", "https"}
        and not any(character.isspace() or not character.isprintable() for character in text)
        and _is_host(parts.hostname or "")
    )


def is_uri(text: str) -> bool:
    """Whether it is a URI with its scheme (RFC 3986)."""
    return _SCHEME.match(text) is not None and is_uri_reference(text)


def is_uri_reference(text: str) -> bool:
    """Whether it is a URI, with or without its scheme (RFC 3986)."""
    return _URI.fullmatch(text) is not None and _split(text) is not None


def is_hostname(text: str, *, international: bool = False) -> bool:
    """Whether it is a host name (RFC 1123); ``international`` allows letters beyond ASCII."""
    if international and not text.isascii():
        try:
            text = text.encode("idna").decode()
        except UnicodeError:
            return False
    return len(text) <= MAX_HOST_CHARACTERS and all(
        _HOST_LABEL.fullmatch(label) for label in text.split(".")
    )


def is_ipv4(text: str) -> bool:
    """Whether it is an IPv4 address in dotted form."""
    return text.isascii() and _parses(IPv4Address, text)


def is_ipv6(text: str) -> bool:
    """Whether it is an IPv6 address without a zone (RFC 4291, 2.2)."""
    return "%" not in text and _parses(IPv6Address, text)


def is_regex(text: str) -> bool:
    """Whether it is a pattern that Patchbay can run."""
    spend(len(text))
    return _parses(compile_pattern, text)


def is_json_pointer(text: str) -> bool:
    """Whether it is a JSON Pointer (RFC 6901)."""
    return _POINTER.fullmatch(text) is not None


def is_duration(text: str) -> bool:
    """Whether it is a duration such as P1DT2H (ISO 8601)."""
    return _DURATION.fullmatch(text) is not None


def _is_host(text: str) -> bool:
    return is_hostname(text, international=True) or is_ipv6(text)


def fits(accepts: Callable[[str], bool], text: str) -> bool:
    """Whether ``text`` is short enough for a value with a format, and ``accepts`` takes it."""
    spend(FORMAT_UNITS)
    return len(text) <= MAX_CHARACTERS and accepts(text)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    return parts


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "date": (is_date, "must be a date such as 2026-03-07"),
    "date-time": (
        is_datetime,
        "must be a date and time with its zone, such as 2026-03-07T10:30:00Z",
    ),
    "duration": (is_duration, "must be a duration such as P1DT2H"),
    "email": (is_email, "must be an e-mail address"),
    "hostname": (is_hostname, "must be a host name"),
    "ipv4": (is_ipv4, "must be an IPv4 address"),
    "ipv6": (is_ipv6, "must be an IPv6 address"),
    "json-pointer": (is_json_pointer, "must be a JSON Pointer"),
    "phone": (is_phone, "must be a phone number that starts with + and the country code"),
    "regex": (is_regex, "must be a regular expression"),
    "time": (is_time, "must be a time with its zone, such as 10:30:00Z"),
    "uri": (is_uri, "must be a URI with its scheme, such as https://example.com/"),
    "uri-reference": (is_uri_reference, "must be a URI or the end of one, such as /orders/1"),
    "url": (is_url, "must be a web address that starts with http:// or https://"),
    "uuid": (is_uuid, "must be a UUID such as 6f1c2d3e-4b5a-4978-8a9b-0c1d2e3f4a5b"),
}
