"""REST framework's door to ``core.auth``."""

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.api import throttling
from core.auth import Credential, authenticate

SCHEME = "bearer"


class TenantAuthentication(BaseAuthentication):
    """``Authorization: Bearer <API key or access token>``, or ``X-API-Key: <API key>``."""

    def authenticate(self, request: Request) -> tuple[Credential, Credential] | None:
        secret = self._secret(request)
        if secret is None:
            return None
        credential = authenticate(secret, timezone.now())
        if credential is None:
            throttling.refuse_guessing(request)
            raise exceptions.AuthenticationFailed(
                "The API key or access token is unknown, expired or revoked."
            )
        request._request.credential = credential  # type: ignore[attr-defined]  # noqa: SLF001  # for the log
        return credential, credential

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _secret(self, request: Request) -> str | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return request.headers.get("X-API-Key") or None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != SCHEME or not secret.strip():
            raise exceptions.AuthenticationFailed(
                "Send the header as: Authorization: Bearer <API key or access token>"
            )
        return secret.strip()
