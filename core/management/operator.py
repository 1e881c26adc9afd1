"""The base of the commands by which operators do what the admin can do."""

import getpass
import json
from abc import ABC, abstractmethod
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import CoreError
from core.ids import new_id
from core.models import Tenant
from core.types import Actor, ActorKind


class OperatorCommand(BaseCommand, ABC):
    """A command that makes one change and says what came of it, as lines or as JSON.

    What it cannot do it says in a sentence, with exit code 1.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = self.perform(options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except CoreError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name, value in facts.items():
            text = " ".join(value) if isinstance(value, list) else value
            self.stdout.write(f"{name.replace('_', ' ')}: {'' if text is None else text}")

    @abstractmethod
    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make the change; return what to print, by name."""

    def tenant(self, slug: str) -> Tenant:
        """Return the tenant of that slug; raise CommandError when there is none."""
        tenant: Tenant | None = Tenant.objects.filter(slug=slug).first()
        if tenant is None:
            known = ", ".join(Tenant.objects.values_list("slug", flat=True)[:20])
            hint = f"There are: {known}." if known else "Create one with create_tenant."
            raise CommandError(f"There is no tenant {slug}. {hint}")
        return tenant

    def actor(self) -> Actor:
        """Return who runs the command, for the audit trail."""
        try:
            person = getpass.getuser()
        except (KeyError, OSError):
            person = "unknown"
        return Actor(
            kind=ActorKind.SYSTEM,
            id="command-line",
            label=f"{person} at the command line",
            correlation_id=new_id("cmd"),
        )
