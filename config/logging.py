"""How log lines look: one JSON object each, or colored text for a person at a terminal."""

from typing import Any

import structlog
from django.http import HttpRequest

from core.context import current


def _add_context(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Name the request a line belongs to."""
    context = current()
    if context is not None:
        event.setdefault("request_id", context.request_id)
        event.setdefault("correlation_id", context.correlation_id)
    return event


def _without_query(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Write the request that Django adds as method and path: its query may hold secrets."""
    request = event.get("request")
    if isinstance(request, HttpRequest):
        event["request"] = f"{request.method} {request.path}"
    return event


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    """Return the dictionary for ``logging.config.dictConfig``; ``style`` is json or console."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_query,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_context,
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
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django-q": {"level": "WARNING"},
        },
    }
