"""Answers to errors that happen outside any view."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import defaults

from core.api.envelope import error_response
from core.database_faults import is_away

DATABASE_AWAY = "The database is not available; try again in a moment."
HTML_PATHS = ("/admin/", "/oauth/authorize")
FOREIGN_HOST = (
    "The request names a host that this installation does not answer for. Use its public URL;"
    " whoever runs it names its hosts in ALLOWED_HOSTS."
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a request that Django itself refuses."""
    if request.path.startswith(HTML_PATHS):
        return defaults.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        return error_response(400, "INVALID_REQUEST", FOREIGN_HOST)
    return error_response(400, "INVALID_REQUEST", "The request is malformed.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what the signed-in person may not do."""
    if request.path.startswith(HTML_PATHS):
        return defaults.permission_denied(request, exception)
    return error_response(403, "FORBIDDEN", "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an unknown URL."""
    if request.path.startswith(HTML_PATHS):
        return defaults.page_not_found(request, exception)
    return error_response(404, "NOT_FOUND", "There is nothing at this URL.")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer a fault of ours; the log line with the same request id holds the traceback."""
    if request.path.startswith(HTML_PATHS):
        return defaults.server_error(request)
    if is_away(sys.exception()):
        response = error_response(503, "UNAVAILABLE", DATABASE_AWAY)
        response.headers["Retry-After"] = "5"
        return response
    return error_response(500, "INTERNAL_ERROR", "Something went wrong on our side.")
