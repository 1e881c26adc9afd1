"""What the workers run for core."""

from core import events, wakeups


def dispatch_events() -> int:
    """Hand out every event that waits."""
    wakeups.answered(events.DISPATCH_TASK)
    return events.dispatch()
