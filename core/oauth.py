"""How django-oauth-toolkit is bound to tenants."""

import hashlib
import logging
import re
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider import views
from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import SettingsScopes
from oauthlib.oauth2.rfc6749.errors import (  # type: ignore[import-untyped]
    InvalidRequestError,
    UnsupportedCodeChallengeMethodError,
)

from core.models import ApiClient

logger = logging.getLogger(__name__)

CHALLENGE_METHOD = "S256"
# A SHA-256 in base64url without padding (RFC 7636, 4.2).
CHALLENGE = re.compile(r"^[A-Za-z0-9_-]{43}\Z")
FORM = "application/x-www-form-urlencoded"


class ClientScopes(SettingsScopes):  # type: ignore[misc]  # the toolkit is not typed
    """A client may ask for the scopes that staff gave it, and gets all of them by default."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        known = self.get_all_scopes()
        return [scope for scope in application.scopes if scope in known] if application else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application, request)


def token_family(client: ApiClient, code: str) -> uuid.UUID:
    """Return the name of the family of tokens that ``client`` got for an authorization code.

    The code itself is gone once it is used. Its hash stays with the refresh tokens, from one to its
    successor, so that the code still finds its tokens; of another client it finds none.
    """
    digest = hashlib.sha256(f"{client.pk} {code}".encode()).digest()
    return uuid.UUID(bytes=digest[:16])


class TenantOAuth2Validator(OAuth2Validator):  # type: ignore[misc]
    """Two grants only: client credentials, and authorization code with PKCE (RFC 7636).

    Asked within the transaction that ``TokenView`` opens: what is locked here stays locked until
    the tokens are saved.
    """

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Require a challenge that proves something: not an empty one, and not the plain method.

        Asked before consent, so that nobody consents to what the token endpoint then refuses.
        """
        challenge = request.code_challenge or None
        request.code_challenge = challenge
        if challenge is not None and request.code_challenge_method != CHALLENGE_METHOD:
            raise UnsupportedCodeChallengeMethodError(request=request)
        if challenge is not None and not CHALLENGE.match(challenge):
            raise InvalidRequestError("The code challenge is not a SHA-256.", request=request)
        return True

    def save_authorization_code(
        self, client_id: str, code: Any, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Keep no nonce: it would go into an ID token, of which there are none here."""
        request.nonce = None
        super().save_authorization_code(client_id, code, request, *args, **kwargs)

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Take a code once; end what came of it when it is presented again (RFC 6749, 4.1.2).

        Of two who present it at the same time the second waits here, and then finds it used.
        """
        # The toolkit looks for this on the request, where a field of the form may pose as it.
        request.refresh_token_instance = None
        grants = Grant.objects.select_for_update().filter(code=code, application=client)
        if grants.first() is None:
            _end_family(client, code)
            return False
        valid: bool = super().validate_code(client_id, code, client, request, *args, **kwargs)
        return valid

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Renew nothing for a person who is gone or has moved to another tenant.

        A token that is being renewed or revoked elsewhere is looked at when that is done. For
        another client there is no such token: the toolkit would end its family if it was renewed.
        """
        checksum = hashlib.sha256(refresh_token.encode()).hexdigest()
        tokens = RefreshToken.objects.select_for_update()
        if tokens.filter(token_checksum=checksum, application=client).first() is None:
            return False
        valid: bool = super().validate_refresh_token(
            refresh_token, client, request, *args, **kwargs
        )
        user = request.user
        return valid and user.is_active and user.tenant_id == client.tenant_id

    def _create_refresh_token(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the first refresh token into the family of its code; its successors stay in it."""
        refresh_token = super()._create_refresh_token(request, *args, **kwargs)
        if request.grant_type == "authorization_code":
            refresh_token.token_family = token_family(request.client, request.code)
            refresh_token.save(update_fields=["token_family"])
        return refresh_token

    def _load_application(self, client_id: str, request: Any) -> Any:
        """Find no client by an id that no database can hold, wherever in the request it stood."""
        if "\x00" in (client_id or ""):
            return None
        return super()._load_application(client_id, request)


def _end_family(client: ApiClient, code: str) -> None:
    """Revoke every token that came of a code; most codes that are not known never gave any."""
    family = token_family(client, code)
    if RefreshToken.objects.filter(token_family=family).exists():
        RefreshToken.revoke_family(family)
        logger.warning("oauth.code_reused", extra={"client": str(client.pk)})


class FormMixin:
    """Refuse forms that the toolkit would stumble over, in OAuth's own words (RFC 6749, 5.2)."""

    # Django looks at the outermost dispatch alone. These forms come from programs, without cookies.
    @method_decorator(csrf_exempt)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and (fault := self._fault(request)):
            return _refusal("invalid_request", fault)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def _fault(self, request: HttpRequest) -> str:
        if request.content_type != FORM:
            return f"Send the parameters as {FORM}."
        try:
            parameters = list(request.POST.lists())
        except SuspiciousOperation:
            return "The form is too large."
        for name, values in parameters:
            # RFC 6749, 3.2: parameters must not be included more than once.
            if len(values) > 1:
                return "A parameter stands in the form more than once."
            if "\x00" in name or "\x00" in values[0]:
                return "The form contains a NUL character."
        return ""


def _refusal(error: str, description: str) -> JsonResponse:
    return JsonResponse(
        {"error": error, "error_description": description},
        status=400,
        headers={"Cache-Control": "no-store"},
    )


class TokenView(FormMixin, views.TokenView):  # type: ignore[misc]
    """Give out tokens, by the grants that the settings list.

    Others are refused before anything of theirs is looked at: with the password grant the toolkit
    would check the password first, and so tell whether it is right.

    A refusal is committed too: it may have revoked what was given out before.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        grants: Any = settings.OAUTH2_PROVIDER["OAUTH2_GRANT_TYPES_SUPPORTED"]
        if request.POST.get("grant_type") not in grants:
            return _refusal("unsupported_grant_type", f"There are: {', '.join(grants)}.")
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class RevokeTokenView(FormMixin, views.RevokeTokenView):  # type: ignore[misc]
    """Take tokens back (RFC 7009)."""


class AuthorizeView(views.AuthorizationView):  # type: ignore[misc]
    """Let people authorize clients of their own tenant only."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The form names the client once more: neither place may name a stranger.
        named = [*request.GET.getlist("client_id"), *request.POST.getlist("client_id")]
        if any("\x00" in client_id for client_id in named):
            raise SuspiciousOperation("The client id contains a NUL character.")
        if request.user.is_authenticated:
            clients = ApiClient.objects.filter(client_id__in=named)
            if any(client.tenant_id != request.user.tenant_id for client in clients):
                raise PermissionDenied("This client belongs to another tenant.")
            # The toolkit takes the form's word for it that there is such a client.
            if request.method == "POST" and len(clients) < len(set(named)):
                raise SuspiciousOperation("There is no such client.")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response
