"""Rate limits of the API, and the headers that tell clients about them."""

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.auth import caller
from core.guessing import wait_after_guess
from core.throttling import RateState, take

WINDOW = timedelta(minutes=1)


class CredentialThrottle(BaseThrottle):
    """So many requests a minute for each API key and each OAuth client."""

    state: RateState

    def allow_request(self, request: Request, view: Any) -> bool:
        credential = caller(request)
        if credential is None:
            return True
        limit = credential.rate_limit
        if limit is None:
            limit = settings.API_RATE_LIMIT_PER_MINUTE
        self.state = take(f"api:{credential.id}", limit=limit, window=WINDOW, now=timezone.now())
        request._request.rate_state = self.state  # type: ignore[attr-defined]  # noqa: SLF001  # for rate_headers
        return self.state.allowed

    def wait(self) -> float:
        return math.ceil(self.state.retry_after.total_seconds())


def refuse_guessing(request: Request) -> None:
    """Count a wrong credential; raise Throttled when an address has sent too many of them."""
    wait = wait_after_guess(request.META.get("REMOTE_ADDR", ""), timezone.now())
    if wait is not None:
        raise exceptions.Throttled(wait=math.ceil(wait.total_seconds()))


def rate_headers(state: RateState) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers-10."""
    window = int(state.window.total_seconds())
    reset = math.ceil(state.reset_after.total_seconds())
    return {
        "RateLimit-Policy": f'"default";q={state.limit};w={window}',
        "RateLimit": f'"default";r={state.remaining};t={reset}',
    }
