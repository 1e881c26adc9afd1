"""Headers that tell browsers what our pages may do."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
# The admin (unfold) evaluates its Alpine.js expressions and sets styles on elements.
ADMIN = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)
# Swagger UI and the pages of the OAuth consent bring their own files and no inline code.
PAGES = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
BY_PATH = {"/admin/": ADMIN, "/api/v1/docs": PAGES, "/oauth/": PAGES}


def policy_for(path: str) -> str:
    """Return the Content-Security-Policy of a path: the strict one unless a page needs more."""
    for start, policy in BY_PATH.items():
        if path.startswith(start):
            return policy
    return STRICT


class SecurityHeadersMiddleware:
    """Set the policy on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = policy_for(request.path)
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response
