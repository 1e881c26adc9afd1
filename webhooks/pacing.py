"""How much a receiver is given at once and how often. Pure; one object per lane.

The window starts small, grows by one with each quick success and is halved by each failure and
each slow answer (TCP's additive increase, multiplicative decrease: RFC 5681, 3.1). So a fast
receiver soon has all it may have, and a dying one holds next to nothing of a worker.
"""

from dataclasses import dataclass
from datetime import timedelta

FIRST_WINDOW = 4.0
SLOW = timedelta(seconds=2)
SECONDS_PER_MINUTE = 60.0
# A worker looks around every few milliseconds: what would have been sent meanwhile may go together.
BURST_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class Window:
    """How many requests may be open at the same time: at least one, at most ``limit``."""

    limit: int
    _size: float = FIRST_WINDOW

    @property
    def size(self) -> int:
        """The number of requests that may be open now."""
        return max(1, min(self.limit, int(self._size)))

    @property
    def shrunk(self) -> bool:
        """Whether the receiver has shown that it can hardly cope with one at a time."""
        return self._size < 2

    def note(self, *, good: bool, duration: timedelta) -> None:
        """Take in how a request went: ``good`` when the receiver took it."""
        if good and duration < SLOW:
            self._size = min(float(self.limit), self._size + 1)
        else:
            self._size = max(1.0, self._size / 2)


@dataclass(slots=True, kw_only=True)
class Rate:
    """At most ``per_minute`` requests, evenly spread: the generic cell rate algorithm.

    ``at`` is always a moment on one monotonic clock, in seconds.
    """

    per_minute: int
    _next_at: float = 0.0

    def wait(self, at: float) -> float:
        """Return how many seconds are left until the next request may be sent; 0 for now."""
        return max(0.0, self._next_at - BURST_SECONDS - at) if self._next_at else 0.0

    def take(self, at: float) -> None:
        """Note that a request is being sent."""
        self._next_at = max(self._next_at, at) + SECONDS_PER_MINUTE / self.per_minute
