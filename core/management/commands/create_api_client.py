"""Create an OAuth 2.0 client."""

from typing import Any

from django.core.management.base import CommandParser

from core import services
from core.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Create an OAuth 2.0 client of a tenant and print its secret, which is not shown again."
        " It uses client credentials, or authorization code with PKCE when it has a redirect URI."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("tenant", help="the tenant's slug")
        parser.add_argument("--scopes", nargs="+", required=True, help="such as records:read")
        parser.add_argument("--name", default="Created at the command line")
        parser.add_argument(
            "--redirect-uri", nargs="+", default=[], help="where people are sent back to (https)"
        )
        parser.add_argument(
            "--public", action="store_true", help="no secret: an app on people's own devices"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        new = services.create_api_client(
            self.tenant(options["tenant"]),
            name=options["name"],
            scopes=options["scopes"],
            redirect_uris=options["redirect_uri"],
            public=options["public"],
            actor=self.actor(),
        )
        return {
            "id": new.client.id,
            "tenant": new.client.tenant.slug,
            "name": new.client.name,
            "scopes": new.client.scopes,
            "grant": new.client.authorization_grant_type,
            "client_id": new.client.client_id,
            "client_secret": new.secret or None,
        }
