"""Create an API key."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from core import services
from core.management.operator import OperatorCommand

MAX_DAYS = 36_500


class Command(OperatorCommand):
    help = "Create an API key of a tenant and print its secret, which is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("tenant", help="the tenant's slug")
        parser.add_argument("--scopes", nargs="+", required=True, help="such as records:read")
        parser.add_argument("--name", default="Created at the command line")
        parser.add_argument("--expires-days", type=int, help="never expires when left out")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        days = options["expires_days"]
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--expires-days must be from 1 to {MAX_DAYS}.")
        new = services.create_api_key(
            self.tenant(options["tenant"]),
            name=options["name"],
            scopes=options["scopes"],
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            actor=self.actor(),
        )
        key = new.key
        return {
            "id": key.id,
            "tenant": key.tenant.slug,
            "name": key.name,
            "scopes": key.scopes,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
            "secret": new.secret,
        }
