"""Turning a drain by hand: between two turns a test may do what others do meanwhile."""

import time
from collections.abc import Callable
from datetime import timedelta

from webhooks.delivery import Drain

# A drain looks after what it holds every quarter of its lease.
LEASE = timedelta(seconds=1)
TURN_SECONDS = 0.02
PATIENCE_SECONDS = 60.0


def turn_until(drain: Drain, condition: Callable[[], object]) -> None:
    """Let a drain work until ``condition()`` holds; fail when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        drain.work()
        drain.wait(TURN_SECONDS)


def notice_changes(drain: Drain) -> None:
    """Have a drain look after what it holds, before it hears any further answer."""
    time.sleep(LEASE.total_seconds() / 4)
    drain.work()


def turn_to_the_end(drain: Drain) -> None:
    """Let a drain work until there is nothing left to do for it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while drain.work() or drain.busy:
        assert time.monotonic() < deadline, "the drain never came to an end"
        drain.wait(TURN_SECONDS)
