"""Bodies that no endpoint may accept, and what the answer must be.

``MALFORMED`` is refused by every endpoint that reads a body, before anything else is looked at.
``MISSHAPEN`` is proper JSON that is refused by every endpoint that takes an object.
"""

from dataclasses import dataclass
from typing import Any

from rest_framework.test import APIClient

JSON = "application/json"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """A body, and the status and code of the envelope that must answer it."""

    name: str
    body: bytes
    status: int
    error: str
    content_type: str = JSON

    def __str__(self) -> str:
        return self.name


def send(client: APIClient, method: str, url: str, garbage: Garbage, **headers: str) -> Any:
    """Send the body as it is, with further ``headers``."""
    body: Any = garbage.body
    return client.generic(method.upper(), url, body, garbage.content_type, headers=headers)


def _not_json(name: str, body: bytes) -> Garbage:
    return Garbage(name=name, body=body, status=400, error="INVALID_JSON")


def _not_valid(name: str, body: bytes) -> Garbage:
    return Garbage(name=name, body=body, status=422, error="VALIDATION_FAILED")


def _not_read(name: str, content_type: str) -> Garbage:
    return Garbage(
        name=name,
        body=b'{"a": 1}',
        status=415,
        error="UNSUPPORTED_MEDIA_TYPE",
        content_type=content_type,
    )


MALFORMED = [
    _not_json("no JSON at all", b"hello"),
    _not_json("nothing but white space", b"   "),
    _not_json("cut off", b'{"data": {"a": '),
    _not_json("something behind the end", b'{"data": {}} {}'),
    _not_json("a comma too many", b'{"data": {},}'),
    _not_json("single quotes", b"{'data': {}}"),
    _not_json("a key twice", b'{"data": {}, "data": {}}'),
    _not_json("a nested key twice", b'{"data": {"a": 1, "a": 2}}'),
    _not_json("invalid UTF-8", b'{"data": {"a": "\xff\xfe"}}'),
    _not_json("half a UTF-8 character", b'{"data": {"a": "\xc3"}}'),
    _not_json("UTF-16", '{"data": {}}'.encode("utf-16")),
    _not_json("a byte order mark", b"\xef\xbb\xbf{}"),
    _not_json("a raw NUL", b'{"data": {"a": "\x00"}}'),
    _not_json("an escaped NUL", rb'{"data": {"a": "\u0000"}}'),
    _not_json("an escaped NUL in a key", rb'{"data": {"\u0000": 1}}'),
    _not_json("a lone surrogate", rb'{"data": {"a": "\ud800"}}'),
    _not_json("NaN", b'{"data": {"a": NaN}}'),
    _not_json("Infinity", b'{"data": {"a": -Infinity}}'),
    _not_json("a number that overflows", b'{"data": {"a": 1e999}}'),
    _not_json("an integer of 5,000 digits", b'{"data": {"a": ' + b"9" * 5000 + b"}}"),
    _not_json("an integer beyond 64 bits", b'{"data": {"a": 9223372036854775808}}'),
    _not_json("10,000 lists deep", b'{"data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    _not_json("10,000 objects deep", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    _not_json("10,000 lists that never end", b"[" * 10_000),
    Garbage(
        name="10 MB",
        body=b'{"data": {"a": "' + b"a" * (10 * MEGABYTE) + b'"}}',
        status=413,
        error="PAYLOAD_TOO_LARGE",
    ),
    _not_read("a form", "application/x-www-form-urlencoded"),
    _not_read("a form with files", "multipart/form-data; boundary=x"),
    _not_read("plain text", "text/plain"),
    _not_read("XML", "application/xml"),
    _not_read("a media type that is none", ";;;"),
]

MISSHAPEN = [
    _not_valid("a list", b"[]"),
    _not_valid("a list of objects", b"[{}]"),
    _not_valid("a text", b'"text"'),
    _not_valid("a number", b"7"),
    _not_valid("true", b"true"),
    _not_valid("null", b"null"),
    _not_valid("an unknown field", b'{"no_such_field": 1}'),
    _not_valid("an unknown field with a hostile name", b'{"__class__": {"__init__": 1}}'),
    _not_valid(
        "10,000 unknown fields", b"{" + b",".join(b'"f%d":1' % n for n in range(10_000)) + b"}"
    ),
]
