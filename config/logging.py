"""How log lines look: one JSON object each, or text for a person, in color at a terminal."""

import io
import logging
import os
import re
import sys
from typing import Any, TextIO

import structlog
from django.http import HttpRequest

from core.context import current

# As much as a caller can write into one field of a line.
MAX_CALLERS_CHARACTERS = 500
# What moves a terminal's cursor, starts another line, or changes the direction of the text.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
CONTROL_BUT_LAYOUT = re.compile(CONTROL.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f"))


def is_callers_mistake(record: logging.LogRecord) -> bool:
    """Say whether Django writes about what a caller did wrong: anyone can make it write that."""
    if record.name == "django.request":
        return getattr(record, "status_code", 500) < 500
    return f"{record.name}.".startswith("django.security.")


class SeverityFilter(logging.Filter):
    """Let through what is severe enough as it will be shown: a caller's mistake is a warning."""

    def __init__(self, *, level: str) -> None:
        super().__init__()
        self.level = logging.getLevelNamesMapping()[level]

    def filter(self, record: logging.LogRecord) -> bool:
        return self.level <= logging.WARNING or not is_callers_mistake(record)


class _Lossy(io.FileIO):
    """A file in which what cannot be written, as on a full disk, is lost."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def lossy_stderr() -> TextIO | None:
    """Have standard error never fail, and return it; None where the process has none.

    Python's own keeps what a full disk has refused and tries again whenever it is flushed, which
    happens before each fork of ``multiprocessing``: no worker could be started any more.
    """
    given = sys.__stderr__
    if given is not None and given is sys.stderr:
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(_Lossy(given.fileno(), "w", closefd=False)),
            encoding=given.encoding,
            errors=given.errors,
            line_buffering=True,
        )
    return sys.stderr


class StderrHandler(logging.StreamHandler[TextIO]):
    """Writes lines to standard error; a full disk costs lines and nothing else."""

    def __init__(self) -> None:
        super().__init__(lossy_stderr())


def _add_context(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Name the request a line belongs to."""
    # Django says what it answered when the request has left its context already.
    context = current() or getattr(event.get("request"), "context", None)
    if context is not None:
        event.setdefault("request_id", context.request_id)
        event.setdefault("correlation_id", context.correlation_id)
    return event


def _add_request(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Write the request that Django adds as method, path and host: its query may hold secrets."""
    request = event.get("request")
    if isinstance(request, HttpRequest):
        event["request"] = f"{request.method} {request.path}"
        if host := request.META.get("HTTP_HOST"):
            event["host"] = host
    elif "request" in event:
        # The development server adds its socket.
        del event["request"]
    return event


def _shorten(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Write a caller's mistake as one short line: tracebacks are for mistakes of ours."""
    if is_callers_mistake(event["_record"]):
        event["level"] = "warning"
        event.pop("exc_info", None)
        for name in {"event", "request", "host"} & event.keys():
            event[name] = event[name][:MAX_CALLERS_CHARACTERS]
    return event


def _escape(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Make control characters visible and harmless; only a traceback keeps its lines."""
    for name, value in event.items():
        if isinstance(value, str):
            harmful = CONTROL_BUT_LAYOUT if name == "exception" else CONTROL
            event[name] = harmful.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def _colored() -> bool:
    """Color is for people at a terminal who did not ask for none (https://no-color.org)."""
    stream = sys.stderr  # None where the process was started without one
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    """Return the dictionary for ``logging.config.dictConfig``; ``style`` is json or console."""
    renderers: list[Any] = (
        [_escape, structlog.dev.ConsoleRenderer(colors=_colored())]
        if style == "console"
        else [structlog.processors.JSONRenderer()]  # escapes by itself
    )
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _add_context,
        _add_request,
        _shorten,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    *renderers,
                ],
            }
        },
        "filters": {"severity": {"()": SeverityFilter, "level": level}},
        "handlers": {
            "stderr": {
                "()": StderrHandler,
                "formatter": "line",
                "filters": ["severity"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django-q": {"level": "WARNING"},
            "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
        },
    }
