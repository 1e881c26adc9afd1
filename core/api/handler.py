"""How every exception becomes the one error envelope."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.api.envelope import error_body
from core.api.exceptions import ApiError, DatabaseUnavailable, flatten

CODES = {
    exceptions.NotAuthenticated: "UNAUTHENTICATED",
    exceptions.AuthenticationFailed: "INVALID_CREDENTIALS",
    exceptions.PermissionDenied: "FORBIDDEN",
    exceptions.NotFound: "NOT_FOUND",
    exceptions.MethodNotAllowed: "METHOD_NOT_ALLOWED",
    exceptions.NotAcceptable: "NOT_ACCEPTABLE",
    exceptions.UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    exceptions.Throttled: "RATE_LIMITED",
    exceptions.ParseError: "INVALID_JSON",
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to ``error``, or None for what is our own fault (a 500)."""
    error = _as_api_exception(error)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers = dict(getattr(error, "headers", {}))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        details = list(flatten(error.detail))
        body = error_body("VALIDATION_FAILED", "The request is not valid.", details)
        return Response(body, status.HTTP_422_UNPROCESSABLE_ENTITY, headers=headers)
    if isinstance(error, ApiError):
        body = error_body(error.error, error.message, error.details)
    else:
        body = error_body(CODES.get(type(error), "ERROR"), str(error.detail))
    return Response(body, error.status_code, headers=headers)


def _as_api_exception(error: Exception) -> Exception:
    """Translate what Django and the database raise for a caller's mistake or a passing fault."""
    match error:
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case DjangoValidationError() if error.error_list[0].code == "invalid_id":
            return exceptions.NotFound()
        case OperationalError():
            return DatabaseUnavailable("The database is not available; try again in a moment.")
        case _:
            return error
