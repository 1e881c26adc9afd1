"""One process that sends, as a worker does."""

import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection

from bench.assignments import Draining, Message
from webhooks import delivery
from webhooks.models import Delivery

PAUSE_SECONDS = 0.01


def ready(fields: Message) -> Callable[[], Message]:
    """Return the work: send until nothing is owed."""
    # A worker is connected long before there is work.
    connection.ensure_connection()
    return partial(send_all, Draining(**fields))


def send_all(given: Draining) -> Message:
    """Send whatever is due until nothing is pending; return the most memory that took."""
    ends_at = time.monotonic() + given.limit_seconds
    while time.monotonic() < ends_at and _anything_pending():
        delivery.drain()
        time.sleep(PAUSE_SECONDS)
    return {"peak_memory_mb": peak_memory_mb()}


def _anything_pending() -> bool:
    pending = Delivery.objects.filter(state=Delivery.State.PENDING)
    return bool(pending.exists())


def peak_memory_mb() -> float:
    """Return the most memory that this process ever held, in MB of 1,000,000 bytes (Linux only)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 / 1_000_000 if found else 0.0
