"""What stands in the log after a request, from the web server's door to the line."""

import json
import logging
import logging.config
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from config.logging import logging_config

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_NOON = "2026-03-01T12:00:00Z"
ESCAPE = "\x1b"

Serve = Callable[..., int]


def _suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(f"odd\n{ESCAPE}[31mred \u202e" + "x" * 600)


def _forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("not yours")


def _broken(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"our own fault {ESCAPE}[2J")


urlpatterns = [
    path("suspicious", _suspicious),
    path("forbidden", _forbidden),
    path("broken", _broken),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"


@pytest.fixture
def serve(settings: LazySettings, db: None) -> Iterator[Serve]:
    """Serve one request with a logging configuration of its own; return the status."""
    settings.ROOT_URLCONF = __name__
    known = [logging.getLogger(name) for name in (None, "django.server", "django-q")]
    before = [(each, each.handlers[:], each.level) for each in known]

    def request(
        target: str,
        *,
        style: str,
        level: str = "INFO",
        method: str = "GET",
        host: str = "testserver",
    ) -> int:
        logging.config.dictConfig(logging_config(level=level, style=style))
        environ = (
            RequestFactory()
            .generic(method, target, HTTP_HOST=host, HTTP_X_REQUEST_ID="req-1")
            .environ
        )
        answered: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answered.append(status)

        with time_machine.travel(NOON, tick=False):
            WSGIHandler()(environ, start).close()
        return int(answered[0][:3])

    yield request

    for logger, handlers, level in before:
        logger.handlers[:] = handlers
        logger.setLevel(level)


def _line(**facts: Any) -> str:
    return json.dumps(facts) + "\n"


def test_unknown_host_is_one_warning_with_method_path_and_host(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    status = serve("/nowhere?token=canary", style="json", method="PUT", host="evil.example")

    assert status == 400
    assert capsys.readouterr().err == _line(
        event="Invalid HTTP_HOST header: 'evil.example'."
        " You may need to add 'evil.example' to ALLOWED_HOSTS.",
        level="warning",
        logger="django.security.DisallowedHost",
        status_code=400,
        request="PUT /nowhere",
        request_id="req-1",
        correlation_id="req-1",
        host="evil.example",
        timestamp=AT_NOON,
    )


def test_suspicious_request_is_one_short_line_without_control_characters(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    status = serve("/suspicious", style="console")

    said = r"odd\n\x1b[31mred \u202e" + "x" * (500 - len("odd\n\x1b[31mred \u202e"))
    assert status == 400
    assert capsys.readouterr().err == (
        f"{AT_NOON} [warning  ] {said} [django.security.SuspiciousOperation] correlation_id=req-1"
        " host=testserver request='GET /suspicious' request_id=req-1 status_code=400\n"
    )


def test_path_and_host_cannot_write_to_the_terminal(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    status = serve(f"/{ESCAPE}[2J%0D%0A", style="console", host=f"a{ESCAPE}]0;b\x07\x9b")

    assert status == 400
    assert capsys.readouterr().err == (
        f"{AT_NOON} [warning  ] Invalid HTTP_HOST header: 'a\\x1b]0;b\\x07\\x9b'."
        " The domain name provided is not valid according to RFC 1034/1035."
        " [django.security.DisallowedHost] correlation_id=req-1 host=a\\x1b]0;b\\x07\\x9b"
        " request='GET /\\\\x1b[2J\\\\r\\\\n' request_id=req-1 status_code=400\n"
    )


@pytest.mark.parametrize(
    ("target", "status", "event"),
    [
        ("/nowhere", 404, "Not Found: /nowhere"),
        ("/forbidden", 403, "Forbidden (Permission denied): /forbidden"),
    ],
)
def test_refused_request_is_one_warning_without_a_traceback(
    target: str, status: int, event: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = serve(target, style="json")

    line = capsys.readouterr().err
    facts = json.loads(line)
    assert answered == status
    assert line.count("\n") == 1
    assert facts == {
        "event": event,
        "level": "warning",
        "logger": "django.request",
        "status_code": status,
        "request": f"GET {target}",
        "request_id": "req-1",
        "correlation_id": "req-1",
        "host": "testserver",
        "timestamp": AT_NOON,
    }


@pytest.mark.parametrize("target", ["/nowhere", "/forbidden", "/suspicious"])
def test_mistakes_of_callers_are_no_errors(
    target: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve(target, style="json", level="ERROR")

    assert capsys.readouterr().err == ""


def test_fault_of_ours_keeps_its_traceback(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    status = serve("/broken", style="json", level="ERROR")

    facts = json.loads(capsys.readouterr().err)
    traceback = facts.pop("exception").splitlines()
    assert status == 500
    assert traceback[0] == "Traceback (most recent call last):"
    assert traceback[-1] == f"ValueError: our own fault {ESCAPE}[2J"
    assert facts == {
        "event": "Internal Server Error: /broken",
        "level": "error",
        "logger": "django.request",
        "status_code": 500,
        "request": "GET /broken",
        "host": "testserver",
        "timestamp": AT_NOON,
        "request_id": "req-1",
        "correlation_id": "req-1",
    }


def test_traceback_for_people_keeps_its_lines_and_nothing_that_moves_the_cursor(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    serve("/broken", style="console")

    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == [
        (
            f"{AT_NOON} [error    ] Internal Server Error: /broken [django.request]"
            " correlation_id=req-1 host=testserver request='GET /broken' request_id=req-1"
            " status_code=500"
        ),
        "Traceback (most recent call last):",
    ]
    assert lines[-1] == r"ValueError: our own fault \x1b[2J"


@pytest.mark.parametrize(
    ("no_color", "colored"),
    [(None, True), ("", True), ("1", False)],
    ids=["unset", "empty", "set"],
)
def test_only_a_terminal_gets_color_unless_it_wants_none(
    no_color: str | None, colored: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    screen, terminal = os.openpty()

    with open(terminal, "w", encoding="utf-8") as stream, monkeypatch.context() as patched:  # noqa: PTH123  # by its descriptor
        patched.setattr(sys, "stderr", stream)
        serve("/nowhere", style="console")
        shown = os.read(screen, 4096).decode()
    os.close(screen)

    assert "Not Found: /nowhere" in shown
    assert (ESCAPE in shown) is colored


def test_process_without_a_standard_error_can_be_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    config = logging_config(level="INFO", style="console")

    assert config["root"] == {"handlers": ["stderr"], "level": "INFO"}
