"""Create someone who can sign in to the admin."""

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core import services
from core.management.operator import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Create someone who can sign in: staff of a tenant, or an operator, who may do everything."
        " A password is made up and printed, unless one is given on standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email", help="the address, which is also the name to sign in with")
        parser.add_argument("--tenant", help="the tenant's slug; an operator when left out")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        password = ""
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
            if not password:
                raise CommandError("There is no password on standard input.")
        tenant = self.tenant(options["tenant"]) if options["tenant"] else None
        new = services.create_staff(
            options["email"], tenant=tenant, password=password, actor=self.actor()
        )
        return {
            "id": new.user.id,
            "email": new.user.email,
            "tenant": tenant.slug if tenant else None,
            "password": new.password or None,
        }
