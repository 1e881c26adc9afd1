"""What the workers run for directories."""

from core import wakeups
from scim import retention
from scim.access import resettling


def erase_expired() -> int:
    """Erase tombstones and entries of the log that are too old; return how many rows."""
    wakeups.answered(retention.ERASE_TASK)
    return retention.erase_expired()


def settle_access() -> int:
    """Settle what people may do after roles have changed; return how many were looked at."""
    wakeups.answered(resettling.TASK)
    return resettling.go_on()
