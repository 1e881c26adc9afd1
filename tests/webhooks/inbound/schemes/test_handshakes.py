"""Whoever asks whether this is the right URL is answered in the way it expects."""

from urllib.parse import quote

import pytest

from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming

OPTIONS = {"verify_token": "the verify token"}
META = "hub.mode=subscribe&hub.verify_token=the%20verify%20token&hub.challenge=42"


def handshake(name: str, method: str, query: str, body: bytes = b"") -> str | None:
    """Return the text of the answer, if there is one."""
    url = f"https://hub.example/in/acme/hook?{query}"
    incoming = Incoming(method=method, url=url, headers={}, body=body)
    answer = SCHEMES[name].handshake(incoming, ["a secret"], OPTIONS)
    if answer is None:
        return None
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    return answer.body


@pytest.mark.parametrize(
    ("name", "method", "query", "answer"),
    [
        ("dropbox", "GET", "challenge=abc%20d", "abc d"),
        ("dropbox", "POST", "challenge=abc", None),
        ("dropbox", "GET", "other=abc", None),
        (
            "microsoft_graph",
            "POST",
            "validationToken=Validation%3A+abc%3Cb%3E",
            "Validation: abc<b>",
        ),
        ("microsoft_graph", "GET", "validationToken=abc", None),
        ("meta", "GET", META, "42"),
        ("meta", "GET", META.replace("verify%20token", "wrong"), None),
        ("meta", "GET", META.replace("subscribe", "other"), None),
        ("meta", "GET", "hub.mode=subscribe&hub.challenge=42", None),
        ("mailchimp", "GET", "", ""),
        ("mailchimp", "POST", "", None),
        ("github", "GET", "challenge=abc&validationToken=abc", None),
    ],
)
def test_a_question_is_answered_by_those_who_are_asked_it(
    name: str, method: str, query: str, answer: str | None
) -> None:
    assert handshake(name, method, query) == answer


@pytest.mark.parametrize("challenge", ["", "x" * 1_001, "a\nb", "a\x00b", "\x1b[2J", "\u202e"])
def test_only_what_is_short_and_printable_is_repeated(challenge: str) -> None:
    assert handshake("dropbox", "GET", f"challenge={quote(challenge)}") is None


def greeting(name: str, body: bytes) -> tuple[int, str] | None:
    incoming = Incoming(method="POST", url="", headers={}, body=body)
    answer = SCHEMES[name].greeting(incoming)
    return None if answer is None else (answer.status_code, answer.body)


@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("slack", b'{"type": "url_verification", "challenge": "c"}', (200, "c")),
        ("slack", b'{"type": "url_verification", "challenge": 7}', None),
        ("slack", b'{"type": "event_callback", "text": "url_verification"}', None),
        ("slack", b"url_verification", None),
        ("discord", b'{"type": 1}', (200, '{"type":1}')),
        ("discord", b'{"type": 0}', (204, "")),
        ("discord", b'{"type": 1, "event": {"type": "APPLICATION_AUTHORIZED"}}', None),
        ("discord", b'{"type": 2}', None),
        ("discord", b"[1]", None),
        ("github", b'{"type": 1}', None),
    ],
)
def test_a_verified_question_is_answered(
    name: str, body: bytes, answer: tuple[int, str] | None
) -> None:
    assert greeting(name, body) == answer
