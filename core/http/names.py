"""Names to judged addresses, while others work on.

The verdicts come back to the one thread that asked. A name that hangs holds a thread of the
resolver, never the requests to other names.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from core.http import failures
from core.http.errors import HttpError
from core.http.policy import EgressPolicy
from core.http.resolving import NOBODY, Found, ThreadedResolver
from core.http.verdicts import Verdict, Verdicts
from core.http.vetting import Route, vet


class Names:
    """What is known about names under one policy. ``wake`` is called from other threads."""

    def __init__(
        self,
        *,
        policy: EgressPolicy,
        resolver: ThreadedResolver,
        max_verdict_age: timedelta,
        wake: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._wake = wake
        self._verdicts = Verdicts(max_verdict_age)
        self._asked: dict[str, dict[str, None]] = {}
        self._answers: deque[tuple[str, Found]] = deque()

    def verdict(self, host: str, caller: str) -> Verdict | None:
        """Return what is known about ``host``, or None; have it looked up anew when that is old."""
        now = time.monotonic()
        kept = self._verdicts.get(host, now)
        if kept is None:
            return None
        if kept.old_at <= now:
            self.ask(host, caller)
        return kept.verdict

    def ask(self, host: str, caller: str) -> None:
        """Have ``host`` looked up; its verdict will be among those that ``arrived`` returns."""
        callers = self._asked.setdefault(host, {})
        if caller not in callers:
            callers[caller] = None
            self._resolver.ask(host, self._answer, caller)

    def abandon(self, host: str) -> None:
        """Do not begin to look up ``host``, since nobody waits for it any more."""
        if host in self._asked and self._resolver.withdraw(host, self._answer):
            del self._asked[host]

    def forget(self, host: str) -> None:
        """Look ``host`` up anew for the next request, since its addresses did not answer."""
        self._verdicts.drop(host)

    def arrived(self) -> list[tuple[str, Verdict]]:
        """Return the verdicts that came in since the last call."""
        arrived = []
        while self._answers:
            host, found = self._answers.popleft()
            caller = next(iter(self._asked.pop(host, ())), NOBODY)
            hung = found.slow and found.error is not None
            verdict = self._verdicts.keep(
                host, self._judged(host, found), time.monotonic(), hung=hung, caller=caller
            )
            arrived.append((host, verdict))
        return arrived

    def close(self) -> None:
        """Begin no more look-ups."""
        for host in list(self._asked):
            self.abandon(host)

    def _answer(self, host: str, found: Found) -> None:
        """Take an answer in; called from other threads."""
        self._answers.append((host, found))
        self._wake()

    def _judged(self, host: str, found: Found) -> Verdict:
        failure = found.failure(host)
        if failure is not None:
            return _refused(failure)
        if not found.addresses:
            return _refused(failures.no_address(host))
        try:
            vet(host, found.addresses, self._policy)
        except HttpError as error:
            return _refused(error)
        return Verdict(route=Route.to(found.addresses))


def _refused(failure: HttpError) -> Verdict:
    return Verdict(route=Route.to(()), failure=failure)
