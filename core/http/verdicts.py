"""Where the requests to a name may go, and for how long that is known. Pure.

A verdict that has become old is replaced as soon as the name has been looked up again, and serves
until then, but not without end. That is safe: it names addresses that were judged, and they are
judged once more when a socket is opened to one of them. It keeps what is known to work working
while name servers hang, our own or those of the name.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.http.errors import HttpError
from core.http.keeping import KeptByName
from core.http.vetting import Route

MAX_VERDICT_AGE = timedelta(seconds=30)
# With the usual age: five minutes, no longer than a connection may be kept.
AGES_WHILE_ASKING = 10
# A name server that is down is asked again soon, but not once for every request.
MAX_FAILURE_AGE = timedelta(seconds=5)
# One that hangs is asked half as often each time.
MAX_HANG_AGE = timedelta(seconds=60)
MAX_NAMES_KEPT = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where the requests to a name may go: along ``route`` alone, or nowhere for ``failure``."""

    route: Route
    failure: HttpError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVerdict:
    """A verdict that is to be renewed from ``old_at`` on, and worth nothing from ``ends_at`` on.

    ``hangs`` is how often in a row the name had no answer but a long wait.
    """

    verdict: Verdict
    old_at: float
    ends_at: float
    hangs: int = 0


class Verdicts:
    """The verdicts about names. ``now`` is on the monotonic clock."""

    def __init__(self, max_age: timedelta) -> None:
        self._max_age = max_age.total_seconds()
        self._kept: KeptByName[KeptVerdict] = KeptByName(MAX_NAMES_KEPT)

    def get(self, host: str, now: float) -> KeptVerdict | None:
        """Return what is known about ``host`` and still worth something, or None."""
        kept = self._kept.get(host)
        return kept if kept is not None and now < kept.ends_at else None

    def keep(self, host: str, verdict: Verdict, now: float, *, hung: bool, caller: str) -> Verdict:
        """Note what a look-up for ``caller`` led to, and return what is true of ``host`` now.

        ``hung`` says that there was no answer, and a long wait for it. That says nothing against
        the last answer there was.
        """
        before = self._kept.get(host)
        if hung:
            kept = self._after_hang(before, verdict, now)
        elif verdict.failure is not None:
            ends_at = now + min(self._max_age, MAX_FAILURE_AGE.total_seconds())
            kept = KeptVerdict(verdict=verdict, old_at=ends_at, ends_at=ends_at)
        else:
            kept = KeptVerdict(
                verdict=verdict,
                old_at=now + self._max_age,
                ends_at=now + self._max_age * AGES_WHILE_ASKING,
            )
        self._kept.keep(host, kept, caller=caller)
        return kept.verdict

    def drop(self, host: str) -> None:
        """Know nothing about ``host`` any more."""
        self._kept.drop(host)

    def _after_hang(self, before: KeptVerdict | None, verdict: Verdict, now: float) -> KeptVerdict:
        hangs = before.hangs + 1 if before is not None else 1
        pause = min(
            MAX_FAILURE_AGE.total_seconds() * 2 ** min(hangs - 1, 10),
            MAX_HANG_AGE.total_seconds(),
            self._max_age * AGES_WHILE_ASKING,
        )
        if before is not None and before.verdict.failure is None and now < before.ends_at:
            return replace(before, old_at=now + pause, hangs=hangs)
        return KeptVerdict(verdict=verdict, old_at=now + pause, ends_at=now + pause, hangs=hangs)
