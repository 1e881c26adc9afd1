"""Create a tenant."""

from typing import Any

from django.core.management.base import CommandParser

from core import services
from core.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = "Create a tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="short name, part of its URLs, such as acme")
        parser.add_argument("--name", default="", help="its full name; the slug when left out")

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        tenant = services.create_tenant(options["slug"], name=options["name"], actor=self.actor())
        return {"id": tenant.id, "slug": tenant.slug, "name": tenant.name}
