"""What the workers run for directories."""

from core import wakeups
from scim import retention


def erase_expired() -> int:
    """Erase tombstones and entries of the log that are too old; return how many rows."""
    wakeups.answered(retention.ERASE_TASK)
    return retention.erase_expired()
