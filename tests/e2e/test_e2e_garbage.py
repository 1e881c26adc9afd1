"""Bytes that no client would send, thrown at a real web server."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.e2e.installation import Api, Installation, Web
from tests.e2e.wire import exchange
from tests.once import ON_ONE_DATABASE

pytestmark = [pytest.mark.e2e, ON_ONE_DATABASE]
MEGABYTE = 1024 * 1024
TABLES = (
    "records_record",
    "records_recordtype",
    "core_event",
    "core_idempotencykey",
    "webhooks_subscription",
    "webhooks_delivery",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Bytes to send, and what must answer them; ``{key}`` stands for an API key."""

    name: str
    head: bytes
    status: int
    error: str = ""
    body: tuple[bytes, ...] = ()

    def raw(self, key: str) -> tuple[bytes, ...]:
        """Return the pieces to send."""
        return (self.head.replace(b"{key}", key.encode()), *self.body)

    def __str__(self) -> str:
        return self.name


def malformed(name: str, head: bytes, status: int = 400) -> Case:
    """Return bytes that are no HTTP request, which the web server itself refuses."""
    return Case(name=name, head=head, status=status)


def get(name: str, target: bytes, status: int, error: str, extra: bytes = b"") -> Case:
    head = b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    return Case(
        name=name,
        head=head + extra + b"Connection: close\r\n\r\n",
        status=status,
        error=error,
    )


def post(
    name: str,
    status: int,
    error: str,
    *body: bytes,
    extra: bytes = b"",
    length: int | None = None,
    content_type: bytes = b"application/json",
) -> Case:
    head = (
        b"POST /api/v1/records/order HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    )
    head += b"Idempotency-Key: garbage\r\nContent-Type: " + content_type + b"\r\n" + extra
    if b"Transfer-Encoding" not in extra:
        size = sum(map(len, body)) if length is None else length
        head += b"Content-Length: %d\r\n" % size
    return Case(
        name=name,
        head=head + b"Connection: close\r\n\r\n",
        status=status,
        error=error,
        body=body,
    )


START = b"GET /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST_START = b"POST /api/v1/records/order HTTP/1.1\r\nHost: 127.0.0.1\r\n"
MALFORMED_HTTP = [
    malformed("one word", b"GARBAGE\r\n\r\n"),
    malformed("binary", bytes(range(256)) * 4 + b"\r\n\r\n"),
    malformed("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n"),
    malformed("HTTP/9.9", b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n"),
    malformed("no version", b"GET /\r\n\r\n"),
    malformed("NUL in the path", b"GET /a\x00b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    malformed("raw bytes in the path", b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    malformed("raw bytes in the query", b"GET /?\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    malformed("a line of 100,000 letters", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n", 414),
    malformed("a header of 100,000 letters", START + b"X: " + b"a" * 100_000 + b"\r\n\r\n", 431),
    malformed("1,000 headers", START + b"X-A: y\r\n" * 1000 + b"\r\n", 431),
    malformed("NUL in a header", START + b"X-A: a\x00b\r\n\r\n"),
    malformed("a header without a colon", START + b"nonsense\r\n\r\n"),
    malformed("a space before the colon", START + b"X-A : b\r\n\r\n"),
    malformed("a folded header", START + b"X-A: b\r\n c\r\n\r\n"),
    malformed("two lengths", POST_START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    malformed("a negative length", POST_START + b"Content-Length: -2\r\n\r\n{}"),
    malformed("a length with a sign", POST_START + b"Content-Length: +2\r\n\r\n{}"),
    malformed(
        "length and chunks",
        POST_START + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    # RFC 9112, 6.1 asks for 501: the server itself says that it does not know the coding.
    malformed("an unknown coding", POST_START + b"Transfer-Encoding: rot13\r\n\r\n{}", 501),
]
REFUSED = [
    get("NUL in the path", b"/api/v1/records/order/%00", 400, "INVALID_REQUEST"),
    get("NUL in the query", b"/api/v1/events?entity_id=%00", 400, "INVALID_REQUEST"),
    get("invalid UTF-8 in the path", b"/api/v1/records/order/%ff%fe", 404, "NOT_FOUND"),
    get("invalid UTF-8 in the query", b"/api/v1/events?entity_id=%ff", 400, "INVALID_PARAMETER"),
    get("a broken escape in the query", b"/api/v1/events?%zz=%", 400, "INVALID_PARAMETER"),
    Case(
        name="a foreign host",
        head=b"GET /api/v1/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        status=400,
        error="INVALID_REQUEST",
    ),
    get("a huge cursor", b"/api/v1/events?cursor=" + b"x" * 3000, 400, "INVALID_CURSOR"),
    Case(
        name="bytes for a token",
        head=START + b"Authorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
        status=401,
        error="INVALID_CREDENTIALS",
    ),
    Case(
        name="an unknown method",
        head=b"BREW /api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        b"Connection: close\r\n\r\n",
        status=405,
        error="METHOD_NOT_ALLOWED",
    ),
    post("no body", 422, "VALIDATION_FAILED"),
    post("a body that breaks off", 400, "INVALID_REQUEST", b'{"data": {', length=1000),
    post("NUL", 400, "INVALID_JSON", b'{"data": {"number": "\x00"}}'),
    post("an escaped NUL", 400, "INVALID_JSON", b'{"data": {"number": "\\u0000"}}'),
    post("invalid UTF-8", 400, "INVALID_JSON", b'{"data": {"number": "\xff"}}'),
    post("10,000 levels", 400, "INVALID_JSON", b'{"data": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    post("an unknown media type", 415, "UNSUPPORTED_MEDIA_TYPE", b"{}", content_type=b"\xff/\xfe"),
    post("10 MB", 413, "PAYLOAD_TOO_LARGE", *[b"a" * MEGABYTE] * 10),
    post(
        "chunks without end",
        411,
        "LENGTH_REQUIRED",
        *[b"10000\r\n" + b"a" * 65_536 + b"\r\n"] * 160,
        extra=b"Transfer-Encoding: chunked\r\n",
    ),
]


def stored(installation: Installation) -> dict[str, int]:
    return {table: installation.database.count(table) for table in TABLES}


def serves(web: Web, api: Api) -> bool:
    """Say whether the server answers as ever, and nothing of it has failed until now."""
    assert "Internal Server Error" not in web.process.output()
    return bool(api.get("/me")["tenant"]["slug"] == "acme")


@pytest.mark.parametrize("case", MALFORMED_HTTP, ids=str)
def test_what_is_no_http_request_is_refused_by_the_web_server(
    case: Case, installation: Installation, web: Web, api: Api
) -> None:
    before = stored(installation)

    answer = exchange(web.port, *case.raw(installation.credentials.key))

    assert answer.status == case.status
    assert serves(web, api)
    assert stored(installation) == before


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_garbage_in_http_is_refused_in_the_envelope(
    case: Case, installation: Installation, web: Web, api: Api
) -> None:
    before = stored(installation)

    answer = exchange(web.port, *case.raw(installation.credentials.key))

    assert (answer.status, answer.envelope()["error"]) == (case.status, case.error)
    assert serves(web, api)
    assert stored(installation) == before


def test_slow_bodies_hold_up_nobody_else_and_write_nothing(
    installation: Installation, web: Web, api: Api
) -> None:
    before = stored(installation)
    slow = post("slow", 400, "INVALID_REQUEST", b'{"da', length=100)

    with ExitStack() as stack:
        # One thread of the server's four is left.
        for _ in range(3):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
            client.sendall(b"".join(slow.raw(installation.credentials.key)))
        served_meanwhile = serves(web, api)
    order = api.order("after-the-slow-ones")

    after = stored(installation)
    assert served_meanwhile
    assert order["version"] == 1
    assert after == before | {
        "records_record": before["records_record"] + 1,
        "core_event": before["core_event"] + 1,
    }
