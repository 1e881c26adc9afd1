"""The one shape in which an error leaves the API, and the other in which one leaves a directory."""

import json
from typing import Any

from django.http import HttpResponse

from core import context

SCIM_PATH = "/scim/"
SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def error_body(code: str, message: str, details: Any = None) -> dict[str, Any]:
    """Return the envelope: ``error`` is for programs, ``message`` for the person who must act."""
    body: dict[str, Any] = {"success": False, "error": code, "message": message}
    if details is not None:
        body["details"] = details
    current = context.current()
    body["request_id"] = current.request_id if current else ""
    return body


def error_response(status: int, code: str, message: str, details: Any = None) -> HttpResponse:
    """Return the envelope as a response, for errors that no API view has seen.

    Identity providers read errors as RFC 7644, section 3.12 writes them.
    """
    current = context.current()
    if current is not None and current.path.startswith(SCIM_PATH):
        body = {"schemas": [SCIM_ERROR], "status": str(status), "detail": message}
        return HttpResponse(json.dumps(body), status=status, content_type="application/scim+json")
    return HttpResponse(
        json.dumps(error_body(code, message, details)),
        status=status,
        content_type="application/json",
    )
