"""REST framework's door to ``core.auth``."""

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.api import throttling
from core.auth import KEY_MARK, Credential, authenticate

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
        """Return the one secret sent; which of two would count must not be left to chance."""
        bearer, key = self._bearer(request), self._key(request)
        if bearer and key and bearer != key:
            raise exceptions.AuthenticationFailed(
                "Authorization and X-API-Key name different credentials; send one of them."
            )
        return bearer or key

    def _bearer(self, request: Request) -> str | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != SCHEME or not secret.strip():
            raise exceptions.AuthenticationFailed(
                "Send the header as: Authorization: Bearer <API key or access token>"
            )
        return secret.strip()

    def _key(self, request: Request) -> str | None:
        key = request.headers.get("X-API-Key", "").strip()
        if key and not key.startswith(KEY_MARK):
            raise exceptions.AuthenticationFailed(
                "X-API-Key takes an API key only; send an access token as: Authorization: Bearer …"
            )
        return key or None
