"""When a receiver is left alone for a while. Pure: moments come in, decisions go out.

A circuit opens after TRIP_AFTER failures in a row, or at once when the receiver says so (429 or
503). While it is open nothing is sent, and waiting costs no retry. Then a single request is let
through: if it succeeds the circuit is closed, if not it opens again, for twice as long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TRIP_AFTER = 10
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_ASKED_PAUSE = timedelta(hours=1)
ASKED_PAUSE = timedelta(seconds=5)
# Enough for the longest pause; the column is a small integer.
MOST_TRIPS = 100
BUSY = frozenset({429, 503})


class Circuit(StrEnum):
    """Whether requests get through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True, kw_only=True)
class Breaker:
    """The circuit of one receiver.

    ``trips`` counts how often it has opened since the last success, ``paused_until`` is when it
    may be tried again.
    """

    trips: int = 0
    paused_until: datetime | None = None
    _failures: int = 0
    _opened_at: datetime | None = None

    def state(self, now: datetime) -> Circuit:
        """Return whether requests may be sent at ``now``: all, none, or one to try."""
        if self.paused_until is not None and now < self.paused_until:
            return Circuit.OPEN
        return Circuit.HALF_OPEN if self.trips else Circuit.CLOSED

    def succeeded(self) -> None:
        """Close the circuit."""
        self.trips, self._failures, self.paused_until = 0, 0, None

    def failed(self, now: datetime, *, started_at: datetime | None = None) -> None:
        """Count a failure; open the circuit when it is one too many, or the one that tried it."""
        if self._was_under_way(now, started_at):
            return
        self._failures += 1
        if self.state(now) == Circuit.HALF_OPEN or self._failures >= TRIP_AFTER:
            self._open(now, min(FIRST_PAUSE * 2 ** min(self.trips, 10), LONGEST_PAUSE))

    def busy(
        self, now: datetime, asked: timedelta | None, *, started_at: datetime | None = None
    ) -> None:
        """Open the circuit because the receiver has too much to do; it may say for how long."""
        pause = ASKED_PAUSE if asked is None else min(asked, LONGEST_ASKED_PAUSE)
        if self._was_under_way(now, started_at):
            self.paused_until = max(now + pause, self.paused_until or now)
            return
        self._failures += 1
        if self.state(now) == Circuit.HALF_OPEN:
            pause = max(pause, min(FIRST_PAUSE * 2 ** min(self.trips, 10), LONGEST_PAUSE))
        self._open(now, pause)

    def _was_under_way(self, now: datetime, started_at: datetime | None) -> bool:
        """Say whether a request was sent before the circuit opened: it does not make it worse."""
        if self.state(now) == Circuit.OPEN:
            return True
        return bool(started_at and self._opened_at and started_at < self._opened_at)

    def _open(self, now: datetime, pause: timedelta) -> None:
        self.trips = min(self.trips + 1, MOST_TRIPS)
        self._failures = 0
        self._opened_at = now
        self.paused_until = now + pause
