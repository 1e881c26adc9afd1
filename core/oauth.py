"""How django-oauth-toolkit is bound to tenants."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import SettingsScopes
from oauth2_provider.views import AuthorizationView


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


class TenantOAuth2Validator(OAuth2Validator):  # type: ignore[misc]
    """Two grants only: client credentials, and authorization code with PKCE (RFC 7636)."""

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True


class AuthorizeView(AuthorizationView):  # type: ignore[misc]
    """Let people authorize clients of their own tenant only."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            client_id = request.GET.get("client_id") or request.POST.get("client_id", "")
            client = get_application_model().objects.filter(client_id=client_id).first()
            if client is not None and client.tenant_id != request.user.tenant_id:
                raise PermissionDenied("This client belongs to another tenant.")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response
