"""``python -m bench.peers plain|packaged JSON``: put a backlog into a peer's queue.

Says that it is ready when the backlog is queued and the peer's workers wait; a line on standard
input then lets them have it.
"""

import json
import os
import secrets
import sys
import time
from importlib import import_module
from typing import Any

import django

PATIENCE_SECONDS = 60.0


def main() -> int:
    """Return 0 when the workers have been let loose."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")
    # As Celery's documentation says: whoever queues a task must have loaded the application.
    import_module("bench.peers.app")
    django.setup()
    peer, given = sys.argv[1], json.loads(sys.argv[2])
    migrate()
    {"plain": queue_plain, "packaged": queue_packaged}[peer](given)
    wait_for_workers()
    say("ready")
    if sys.stdin.readline():
        from bench.peers.app import app  # noqa: PLC0415  # needs the settings

        app.control.add_consumer("deliveries")
        say("{}")
    return 0


def say(line: str) -> None:
    """Print a line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def migrate() -> None:
    """Make the tables, and the topics that the package reads from the settings."""
    from django.core.management import call_command  # noqa: PLC0415  # needs the settings
    from django_webhook.models import populate_topics_from_settings  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    populate_topics_from_settings()


def queue_plain(given: dict[str, Any]) -> None:
    """Write an event and a delivery for each, and queue a task for it."""
    from bench.peers.plain import models, tasks  # noqa: PLC0415  # need the settings

    endpoints = [
        models.Endpoint.objects.create(url=url, secret=secrets.token_hex(32))
        for url in given["urls"]
    ]
    for number in range(given["deliveries"]):
        event = models.Event.objects.create(type="order.paid", payload=order(number, given))
        delivery = models.Delivery.objects.create(
            event=event, endpoint=endpoints[number % len(endpoints)]
        )
        tasks.deliver.delay(delivery.id)


def queue_packaged(given: dict[str, Any]) -> None:
    """Save orders; the package queues a task for each.

    There is one receiver: a topic is all changes of a model, so more would each get every order.
    """
    from django_webhook.models import Webhook, WebhookSecret, WebhookTopic  # noqa: PLC0415

    from bench.peers.packaged.models import Order  # noqa: PLC0415  # needs the settings

    webhook = Webhook.objects.create(url=given["urls"][0])
    webhook.topics.add(WebhookTopic.objects.get(name="packaged.Order/create"))
    WebhookSecret.objects.create(webhook=webhook, token=secrets.token_hex(32))
    for number in range(given["deliveries"]):
        Order.objects.create(data=order(number, given))


def order(number: int, given: dict[str, Any]) -> dict[str, Any]:
    """Return the data of an order that is as large as the product's are."""
    data = {"id": f"order-{number:07}", "customer_name": "Ada Lovelace", "total": 41.5, "note": ""}
    missing = given["event_bytes"] - len(json.dumps(data, separators=(",", ":")))
    return data | {"note": "x" * missing}


def wait_for_workers() -> None:
    """Return when a Celery worker answers; its processes have been forked by then."""
    from bench.peers.app import app  # noqa: PLC0415  # needs the settings

    deadline = time.monotonic() + PATIENCE_SECONDS
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > deadline:
            raise SystemExit("no Celery worker has answered")


if __name__ == "__main__":
    sys.exit(main())
