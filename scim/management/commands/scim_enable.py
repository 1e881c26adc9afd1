"""Open a tenant's directory to its identity provider."""

from typing import Any

from django.core.management.base import CommandParser

from core.management.operator import OperatorCommand
from scim import services
from scim.models import Directory


class Command(OperatorCommand):
    help = "Open a tenant's directory and print its URL and a token, which is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("tenant", help="the tenant's slug")
        parser.add_argument(
            "--profile",
            choices=Directory.Profile.values,
            default=Directory.Profile.GENERIC,
            help="which identity provider will write there",
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        opened = services.open_directory(
            self.tenant(options["tenant"]), profile=options["profile"], actor=self.actor()
        )
        url = services.base_url(opened.directory.tenant)
        return {"base_url": url, "token": opened.token.secret}
