"""What the workers run for webhooks."""

from datetime import timedelta

from core import wakeups
from webhooks import delivery
from webhooks.dispatch import DELIVER_TASK

# How long a worker with nothing to do waits for a retry that is about to be due.
LINGER = timedelta(seconds=5)


def deliver() -> int:
    """Send everything that is due; return how many attempts that took."""
    wakeups.answered(DELIVER_TASK)
    return delivery.drain(linger=LINGER)
