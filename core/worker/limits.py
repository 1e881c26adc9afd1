"""How long a supervisor waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The defaults are meant for every installation; tests wait less."""

    # Between two looks at the cluster. The end of one of its processes is noticed at once.
    look: timedelta = timedelta(seconds=1)
    # How long there may be work, and someone to do it, and nothing happens. Longer than a
    # statement may wait for the lock of SQLite (20 s) and than django-q2 rests when its database
    # fails (10 s), together; a webhook that waits for the new cluster still leaves within 60 s.
    patience: timedelta = timedelta(seconds=45)
    # How long a process may stand stopped (SIGSTOP).
    stopped: timedelta = timedelta(seconds=10)
    # How long tasks get to end when the worker is asked to stop: a drain lets go in a second,
    # but for the requests on the wire.
    grace: timedelta = timedelta(seconds=30)
    # A cluster that has lived this long is not to blame for those before it.
    steady: timedelta = timedelta(seconds=60)
    # The wait before a new cluster; it doubles with each that was not steady.
    shortest_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(seconds=30)
    # After so many clusters in a row that were not steady, the worker ends with an error: who
    # started it (systemd, for example) shall see that something is wrong.
    failures: int = 10

    def pause_after(self, failures: int) -> timedelta:
        """Return how long to wait after ``failures`` (1 or more) in a row."""
        return min(self.shortest_pause * (1 << min(failures - 1, 16)), self.longest_pause)
