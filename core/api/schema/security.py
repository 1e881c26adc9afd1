"""Credentials in the API's description."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from core.api.permissions import required_scope


class TenantAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The three ways to show a credential, and the scope that an operation needs.

    Each way names the scope: OpenAPI 3.1 allows it for other schemes than OAuth too (4.8.30).
    """

    target_class = "core.api.authentication.TenantAuthentication"
    name = ["bearer", "apiKey", "oauth2"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        scope = required_scope(auto_schema.view, auto_schema.method)
        return [{name: [scope] if scope else []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        scopes = dict(settings.API_SCOPES)
        token_url = f"{settings.PUBLIC_URL}/oauth/token"
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key (`pbk_…`), or an access token of an OAuth client.",
            },
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
            {
                "type": "oauth2",
                "description": "Access tokens for OAuth clients, which staff create in the admin.",
                "flows": {
                    "clientCredentials": {"tokenUrl": token_url, "scopes": scopes},
                    "authorizationCode": {
                        "authorizationUrl": f"{settings.PUBLIC_URL}/oauth/authorize",
                        "tokenUrl": token_url,
                        "refreshUrl": token_url,
                        "scopes": scopes,
                    },
                },
            },
        ]
