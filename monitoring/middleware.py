"""Writes down every API call."""

import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import context
from monitoring import services

LOGGED_PATHS = ("/api/", "/oauth/token", "/oauth/revoke")


class ApiCallMiddleware:
    """Log each request to the API after it is answered: who, what, with which result."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        if request.path.startswith(LOGGED_PATHS):
            duration_ms = round((time.perf_counter() - started) * 1000)
            self._log(request, response, duration_ms)
        return response

    def _log(self, request: HttpRequest, response: HttpResponseBase, duration_ms: int) -> None:
        """Log, and let no fault of the log turn a good answer into an error."""
        current = context.current()
        try:
            services.log_call(
                credential=getattr(request, "credential", None),
                method=request.method or "",
                path=request.path,
                route=request.resolver_match.route if request.resolver_match else "",
                status_code=response.status_code,
                duration_ms=duration_ms,
                request_id=current.request_id if current else "",
                ip_address=current.ip_address if current else None,
            )
        except DatabaseError:
            services.logger.exception("api_call.not_logged", extra={"path": request.path})
