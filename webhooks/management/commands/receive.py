"""``manage.py receive``: print and verify the webhooks that arrive at this machine."""

import io
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from webhooks import signing
from webhooks.receiver import Received, Receiver, check_key, verification

HIGHEST_PORT = 65_535


class Command(BaseCommand):
    help = "Receive webhooks on 127.0.0.1, print each one and say whether its signature is right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=9000, help="0 takes any free port")
        parser.add_argument(
            "--secret",
            default="",
            help="the subscription's signing secret, or its public whpk_ key",
        )
        parser.add_argument("--status", type=int, default=204, help="the status code to answer")
        parser.add_argument("--count", type=int, default=0, help="stop after so many requests")
        parser.add_argument("--json", action="store_true", help="one JSON object per request")

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_mistakes(options)
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal that cannot show a letter shall not end the command.
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            receiver = Receiver(options["port"], options["status"])
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used: {error}.") from error
        with receiver:
            self.stderr.write(f"Receiving at {receiver.url} (stop with Ctrl-C)")
            self.stderr.flush()
            try:
                self._print_all(receiver, options)
            except KeyboardInterrupt:
                self.stderr.write("Stopped.")

    def _print_all(self, receiver: Receiver, options: dict[str, Any]) -> None:
        left = options["count"]
        while received := receiver.next():
            self._print(received, options["secret"], as_json=options["json"])
            self.stdout.flush()
            left -= 1
            if left == 0:
                return

    def _print(self, received: Received, secret: str, *, as_json: bool) -> None:
        reason = verification(received, secret) if secret else None
        if as_json:
            self.stdout.write(json.dumps(_as_dict(received, reason)))
            return
        self.stdout.write(received.as_text())
        if reason is None:
            self.stdout.write(self.style.WARNING("— not verified: give --secret to check"))
        elif reason:
            self.stdout.write(self.style.ERROR(f"✗ signature refused: {reason}"))
        else:
            self.stdout.write(self.style.SUCCESS("✓ signature verified"))
        self.stdout.write("")


def _refuse_mistakes(options: dict[str, Any]) -> None:
    if not 200 <= options["status"] <= 599:
        raise CommandError("--status must be from 200 to 599.")
    if not 0 <= options["port"] <= HIGHEST_PORT:
        raise CommandError(f"--port must be from 0 to {HIGHEST_PORT}.")
    if options["count"] < 0:
        raise CommandError("--count must be 1 or more; leave it out to receive until stopped.")
    if options["secret"]:
        try:
            check_key(options["secret"])
        except signing.SecretError as error:
            raise CommandError(f"--secret cannot be used: {error}.") from error


def _as_dict(received: Received, reason: str | None) -> dict[str, Any]:
    return {
        "received_at": received.received_at.isoformat().replace("+00:00", "Z"),
        "method": received.method,
        "path": received.path,
        "headers": received.headers,
        "body": received.body.decode("utf-8", "replace"),
        "verified": None if reason is None else not reason,
        "reason": reason or "",
    }
