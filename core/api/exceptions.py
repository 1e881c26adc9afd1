"""Errors of the API. How each becomes an answer: ``core.api.handler``."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions, status

from core.types import Violation

Detail = dict[str, Any]


class ApiError(exceptions.APIException):
    """An error with a code of ours; ``details`` says where, as ``{path, code, message}``."""

    status_code: int = status.HTTP_400_BAD_REQUEST
    error = "INVALID_REQUEST"

    def __init__(
        self,
        message: str,
        *,
        error: str | None = None,
        details: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.error = error or self.error
        self.message = message
        self.details = details
        self.headers = headers or {}


class InvalidParameter(ApiError):  # noqa: N818  # named like its siblings in REST framework
    """A query parameter or cursor cannot be used."""

    error = "INVALID_PARAMETER"


class InvalidJson(ApiError):  # noqa: N818
    """The body is not the JSON it should be."""

    error = "INVALID_JSON"


class Conflict(ApiError):  # noqa: N818
    """The state of things does not allow it now."""

    status_code = status.HTTP_409_CONFLICT
    error = "CONFLICT"


class PreconditionFailed(ApiError):  # noqa: N818
    """``If-Match`` names another version (RFC 9110, 13.1.1)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    error = "VERSION_CONFLICT"


class PayloadTooLarge(ApiError):  # noqa: N818
    """The body is larger than the installation accepts."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    error = "PAYLOAD_TOO_LARGE"


class Unprocessable(ApiError):  # noqa: N818
    """The body is well-formed but says something that may not be."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    error = "VALIDATION_FAILED"


class DatabaseUnavailable(ApiError):  # noqa: N818
    """The database did not answer. Nothing was stored; the request may be repeated."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    error = "UNAVAILABLE"

    def __init__(self, message: str) -> None:
        super().__init__(message, headers={"Retry-After": "5"})


def flatten(detail: Any, path: str = "") -> Iterator[Detail]:
    """Yield ``{path, code, message}`` for every message in REST framework's nested errors."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):  # an item of a list
                yield from flatten(inner, f"{path}[{name}]")
                continue
            at_object = name == "non_field_errors"
            yield from flatten(inner, path if at_object else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        for index, inner in enumerate(detail):
            yield from flatten(inner, f"{path}[{index}]")
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, path)
    else:
        yield {"path": path, "code": getattr(detail, "code", "invalid"), "message": str(detail)}


def details_of(error: ValidationError) -> list[Detail]:
    """Return ``{path, code, message}`` for every message of a model's or a form's error."""
    by_path = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    return [
        {
            "path": "" if path == "__all__" else path,
            "code": inner.code or "invalid",
            "message": " ".join(inner.messages),
        }
        for path, inners in by_path.items()
        for inner in inners
    ]


def as_details(violations: Iterable[Violation], *, within: str = "") -> list[Detail]:
    """Return violations as ``details``; ``within`` is the field of the body that holds the data."""
    return [
        {
            "path": ".".join(filter(None, (within, violation.path))),
            "code": violation.code,
            "message": violation.message,
        }
        for violation in violations
    ]
