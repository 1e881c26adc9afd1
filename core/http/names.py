"""Names to judged addresses, while others work on.

The look-ups run in threads, since the system offers no other way; the verdicts come back to the one
thread that asked. A name that hangs holds a thread, never the requests to other names.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from core.http import failures
from core.http.addresses import Address
from core.http.errors import HttpError, UnreachableError
from core.http.policy import EgressPolicy
from core.http.resolving import MAX_LOOKUPS_AT_ONCE, Resolver
from core.http.vetting import Route, vet

MAX_VERDICT_AGE = timedelta(seconds=30)
# A name server that is down is asked again soon, but not once for every request.
MAX_FAILURE_AGE = timedelta(seconds=5)
MAX_LOOKUP_SECONDS = 30.0
MAX_NAMES_KEPT = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where the requests to a name may go: along ``route`` alone, or nowhere for ``failure``."""

    route: Route
    failure: HttpError | None = None


class Names:
    """What is known about names under one policy. ``wake`` is called from other threads."""

    def __init__(
        self,
        *,
        policy: EgressPolicy,
        resolve: Resolver,
        max_verdict_age: timedelta,
        wake: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._max_verdict_age = max_verdict_age
        self._wake = wake
        self._known: dict[str, tuple[float, Verdict]] = {}
        self._asked: dict[str, None] = {}
        self._running: set[str] = set()
        self._answers: deque[tuple[str, tuple[Address, ...] | HttpError]] = deque()

    def verdict(self, host: str) -> Verdict | None:
        """Return what is known about ``host`` and not too old, or None."""
        known = self._known.get(host)
        return known[1] if known is not None and known[0] > time.monotonic() else None

    def ask(self, host: str) -> None:
        """Have ``host`` looked up; its verdict will be among those that ``arrived`` returns."""
        if host not in self._running:
            self._asked[host] = None
            self._start_lookups()

    def abandon(self, host: str) -> None:
        """Do not begin to look up ``host``, since nobody waits for it any more."""
        self._asked.pop(host, None)

    def forget(self, host: str) -> None:
        """Look ``host`` up anew for the next request, since its addresses did not answer."""
        self._known.pop(host, None)

    def arrived(self) -> list[tuple[str, Verdict]]:
        """Return the verdicts that came in since the last call."""
        arrived = []
        while self._answers:
            host, answer = self._answers.popleft()
            self._running.discard(host)
            verdict = self._judged(host, answer)
            self._keep(host, verdict)
            arrived.append((host, verdict))
        self._start_lookups()
        return arrived

    def _start_lookups(self) -> None:
        while self._asked and len(self._running) < MAX_LOOKUPS_AT_ONCE:
            host = next(iter(self._asked))
            del self._asked[host]
            self._running.add(host)
            # A daemon: a look-up that hangs must not keep the process from ending.
            thread = threading.Thread(
                target=self._look_up, args=(host,), name="http-name", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:
                self._answer(host, UnreachableError(f"the name {host} could not be looked up"))

    def _look_up(self, host: str) -> None:
        try:
            self._answer(host, self._resolve(host, MAX_LOOKUP_SECONDS))
        except HttpError as error:
            self._answer(host, error)
        except Exception:  # noqa: BLE001 - a resolver is a stranger, and somebody waits for an answer
            self._answer(host, failures.not_resolved(host))

    def _answer(self, host: str, answer: tuple[Address, ...] | HttpError) -> None:
        self._answers.append((host, answer))
        self._wake()

    def _judged(self, host: str, answer: tuple[Address, ...] | HttpError) -> Verdict:
        if isinstance(answer, HttpError):
            return _refused(answer)
        if not answer:
            return _refused(failures.no_address(host))
        try:
            vet(host, answer, self._policy)
        except HttpError as error:
            return _refused(error)
        return Verdict(route=Route.to(answer))

    def _keep(self, host: str, verdict: Verdict) -> None:
        age = self._max_verdict_age
        if verdict.failure is not None:
            age = min(age, MAX_FAILURE_AGE)
        self._known.pop(host, None)
        self._known[host] = (time.monotonic() + age.total_seconds(), verdict)
        while len(self._known) > MAX_NAMES_KEPT:
            del self._known[next(iter(self._known))]


def _refused(failure: HttpError) -> Verdict:
    return Verdict(route=Route.to(()), failure=failure)
