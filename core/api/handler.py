"""How every exception becomes the one error envelope."""

import logging
import math
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.api.envelope import error_body
from core.api.exceptions import (
    ApiError,
    DatabaseUnavailable,
    Unprocessable,
    details_of,
    flatten,
)
from core.database_faults import is_away

logger = logging.getLogger(__name__)

CODES: dict[type[exceptions.APIException], str] = {
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
MESSAGES: dict[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: (
        "Send the header Authorization: Bearer <API key or access token>."
    ),
    exceptions.NotFound: "There is nothing at this URL, or it is not yours.",
    exceptions.MethodNotAllowed: (
        "This URL does not know the method; those it knows stand in the header Allow."
    ),
    exceptions.Throttled: (
        "Too many requests. Wait as many seconds as stand in the header Retry-After."
    ),
    exceptions.NotAcceptable: "This API answers with application/json only.",
    exceptions.UnsupportedMediaType: "Send the body as application/json.",
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to ``error``, or None for what is our own fault.

    What is None here is logged with its traceback by Django, which then answers 500 through
    ``config.errors.server_error``.
    """
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    body, status_code = _answer(known)
    return Response(body, status_code, headers=_headers(known))


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    """Translate what Django and the database raise for a caller's mistake or a passing fault."""
    match error:
        case exceptions.APIException():
            return error
        case Http404() | ObjectDoesNotExist():
            if isinstance(error, ObjectDoesNotExist):  # deleted since the view has found it
                logger.warning("api.row_gone", exc_info=error)
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case DjangoValidationError():
            return _as_refusal(error)
        case _ if is_away(error):
            logger.error("database.unavailable", exc_info=error)
            return DatabaseUnavailable("The database is not available; try again in a moment.")
        case _:
            return None


def _as_refusal(error: DjangoValidationError) -> exceptions.APIException:
    """Answer "not found" to an id that cannot exist, and name what else is not valid."""
    details = details_of(error)
    if all(detail["code"] == "invalid_id" for detail in details):
        return exceptions.NotFound()
    return Unprocessable("The request is not valid.", details=details)


def _answer(error: exceptions.APIException) -> tuple[dict[str, Any], int]:
    if isinstance(error, exceptions.ValidationError):
        details = list(flatten(error.detail))
        body = error_body("VALIDATION_FAILED", "The request is not valid.", details)
        return body, status.HTTP_422_UNPROCESSABLE_ENTITY
    if isinstance(error, ApiError):
        return error_body(error.error, error.message, error.details), error.status_code
    kind = next((kind for kind in type(error).__mro__ if kind in CODES), None)
    code = CODES[kind] if kind else "ERROR"
    message = MESSAGES.get(kind) if kind else None
    return error_body(code, message or str(error.detail)), error.status_code


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return headers
