"""The local receiver: what it keeps, what it refuses, what it says about signatures."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from standardwebhooks import Webhook

from tests.subscriptions import SECRET
from webhooks import signing
from webhooks.receiver import MAX_BODY_BYTES, Received, Receiver, check_key, verification

PATIENCE = timedelta(seconds=10)
AT_ONCE = timedelta(seconds=0.05)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


def received(body: bytes = b"{}", headers: dict[str, str] | None = None) -> Received:
    return Received(method="POST", path="/hook", headers=headers or {}, body=body, received_at=NOW)


def signed(body: bytes, moment: datetime = NOW) -> Received:
    signature = Webhook(SECRET).sign("msg_1", moment, body.decode())
    stamp = str(int(moment.timestamp()))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}
    return received(body, headers)


def status_of(receiver: Receiver, raw: bytes) -> int:
    """Send ``raw`` and nothing more; return the status code of the answer, 0 for none."""
    port = int(receiver.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(raw)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(4096):
            answer += chunk
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_request_is_kept_as_it_arrived(method: str, receiver: Receiver) -> None:
    body = b'{"city": "K\xc3\xb6ln"}'

    answer = requests.request(
        method, f"{receiver.url}/a/b?c=d", data=body, headers={"X-Thing": "1"}, timeout=10
    )

    kept = receiver.next(PATIENCE)
    assert answer.status_code == 204
    assert "Content-Length" not in answer.headers
    assert kept is not None
    assert (kept.method, kept.path, kept.body) == (method, "/a/b?c=d", body)
    assert kept.headers["x-thing"] == "1"


def test_answer_has_the_status_that_was_asked_for() -> None:
    with Receiver(status_code=503) as receiver:
        answer = requests.post(receiver.url, data=b"{}", timeout=10)

    assert (answer.status_code, answer.headers["Content-Length"]) == (503, "0")


def test_port_in_use_is_an_error(receiver: Receiver) -> None:
    port = int(receiver.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        Receiver(port)


CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
HEAD = b"POST / HTTP/1.1\r\nContent-Length: "


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (CHUNKED, 411),
        (HEAD + b"2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 411),
        (HEAD + b"9\r\n\r\n{}", 400),
        (HEAD + b"-1\r\n\r\n", 400),
        (HEAD + b"two\r\n\r\n{}", 400),
        (HEAD + b"9" * 5000 + b"\r\n\r\n{}", 400),
        (HEAD + b"2\r\nContent-Length: 3\r\n\r\n{} ", 400),
        (HEAD + str(MAX_BODY_BYTES + 1).encode() + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"POST /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_request_that_cannot_be_read_is_refused_and_not_kept(
    raw: bytes, status: int, receiver: Receiver
) -> None:
    answered = status_of(receiver, raw)

    assert answered == status
    assert receiver.next(AT_ONCE) is None
    assert requests.post(receiver.url, data=b"{}", timeout=10).status_code == 204


def test_repeated_headers_are_joined(receiver: Receiver) -> None:
    status_of(receiver, b"GET / HTTP/1.1\r\nX-Tag: a\r\nx-tag: b\r\n\r\n")

    kept = receiver.next(PATIENCE)
    assert kept is not None
    assert kept.headers == {"x-tag": "a, b"}


def test_json_is_shown_indented_and_anything_else_as_it_is() -> None:
    texts = [received(body).as_text() for body in (b'{"a":[1]}', b"a=1&b=2", b"", b"\xff\xfe")]

    assert texts == [
        'POST /hook\n\n{\n  "a": [\n    1\n  ]\n}',
        "POST /hook\n\na=1&b=2",
        "POST /hook\n\n",
        "POST /hook\n\n\ufffd\ufffd",
    ]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, rb'"\ud800"', b"9" * 5000, b"NaN", b'{"a": 1, "a": 2}'],
    ids=["deep", "lone surrogate", "huge number", "NaN", "key twice"],
)
def test_body_that_only_looks_like_json_is_shown_as_it_is(body: bytes) -> None:
    assert received(body).as_text() == f"POST /hook\n\n{body.decode()}"


def test_nothing_that_arrives_can_steer_a_terminal() -> None:
    hostile = received(b"\x1b[2J\x07\r\xe2\x80\xae \xc2\x9b", {"x-name": "\x1b]0;owned\x07"})

    assert hostile.as_text() == (
        "POST /hook\nx-name: \\x1b]0;owned\\x07\n\n\\x1b[2J\\x07\\r\\u202e \\x9b"
    )


def test_signature_of_the_reference_library_is_accepted() -> None:
    assert verification(signed(b'{"a": 1}'), SECRET) == ""


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (received(), "The timestamp is not a number of Unix seconds"),
        (
            signed(b"{}", NOW - timedelta(minutes=6)),
            "The timestamp is too far from the present time",
        ),
        (
            received(b"{}", headers={"webhook-timestamp": str(int(NOW.timestamp()))}),
            "The message id is malformed",
        ),
    ],
    ids=["unsigned", "old", "without an id"],
)
def test_reason_of_a_refusal_is_said(request_: Received, reason: str) -> None:
    assert verification(request_, SECRET) == reason


def test_signature_by_another_secret_is_refused() -> None:
    reason = verification(signed(b"{}"), signing.new_secret())

    assert reason == "No signature matches any of the keys"


@pytest.mark.parametrize("key", ["", "short", "whsec_!!!", "whpk_AAAA", "whsec_QUFB"])
def test_key_that_cannot_verify_is_refused(key: str) -> None:
    with pytest.raises(signing.SecretError):
        check_key(key)


@pytest.mark.parametrize(
    "key",
    [SECRET, "a plain text secret", *signing.new_key_pair()],
    ids=["whsec", "text", "whsk", "whpk"],
)
def test_every_kind_of_key_is_accepted(key: str) -> None:
    check_key(key)
