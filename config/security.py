"""Headers that tell browsers what our pages may do. SECURITY.md gives the reasons."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Policy = Mapping[str, str]


def _header(policy: Policy) -> str:
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


# Answers of the API are data: nothing may load, run or frame them.
NOTHING: Policy = {
    "default-src": "'none'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
# Pages made of our own files: no inline code, no inline styles.
OWN_FILES: Policy = {
    **NOTHING,
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
}
# The admin's Alpine.js compiles the expressions in its attributes ('unsafe-eval'), and unfold
# writes its colors and positions into the page ('unsafe-inline', for styles alone).
ADMIN: Policy = {
    **OWN_FILES,
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "form-action": "'self'",
}
# The consent page's form ends in a redirect to the client, which browsers hold against
# form-action. Which client it is, is decided by the redirect URIs registered for it.
CONSENT: Policy = {**OWN_FILES, "form-action": "'self' https:"}

BY_PATH = {
    "/admin/": _header(ADMIN),
    "/api/v1/docs": _header(OWN_FILES),
    "/oauth/authorize": _header(CONSENT),
}
STRICT = _header(NOTHING)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


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
        response.headers["Permissions-Policy"] = PERMISSIONS
        return response
