"""Names to addresses, within a time.

``getaddrinfo`` cannot be interrupted and may hang for half a minute on a dead name server. Each
look-up therefore runs in a thread of its own, which the caller stops waiting for when its time is
up. A name that hangs occupies one thread however many callers ask for it, and the number of threads
is bounded, so dead names cost memory that is known in advance. ``places`` says whose turn it is,
and shares the threads out among the callers: ``caller`` is for whom a name is looked up.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

from core.http import failures
from core.http.addresses import Address
from core.http.errors import HttpError, UnreachableError
from core.http.places import Places, Standing

MAX_LOOKUPS_AT_ONCE = 64
# Shorter than the first repetition of a system that lost its question on the way.
SLOW_AFTER = timedelta(seconds=4)
MAX_LOOKUP_SECONDS = 30.0
# Whoever names no caller shares with all who name none.
NOBODY = ""

Addresses = tuple[Address, ...]
Resolver = Callable[[str, float], Addresses]
"""Take a host name and the seconds to spend; return its addresses, best first.

Raises UnreachableError or DeadlineError.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a look-up: addresses or an error, and whether it was slow in coming."""

    addresses: Addresses = ()
    error: Exception | None = None
    slow: bool = False

    @property
    def standing(self) -> Standing:
        if self.slow:
            return Standing.SUSPECT
        return Standing.KNOWN if self.addresses else Standing.NEW

    def failure(self, host: str) -> HttpError | None:
        """Return why there are no addresses of ``host``, or None."""
        if self.error is None or isinstance(self.error, HttpError):
            return self.error
        return failures.not_resolved(host)


Done = Callable[[str, Found], None]
"""Is told what was found for a host, in a thread that is not the caller's."""


def system_lookup(host: str) -> Addresses:
    """Return the addresses of ``host`` as this machine sees them; raise OSError or UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


class ThreadedResolver:
    """A Resolver that bounds how long and how often ``lookup`` runs, and shares it out fairly.

    A look-up that takes longer than ``slow_after`` counts as one that hangs.
    """

    def __init__(
        self,
        lookup: Callable[[str], Addresses] = system_lookup,
        *,
        max_lookups_at_once: int = MAX_LOOKUPS_AT_ONCE,
        slow_after: timedelta = SLOW_AFTER,
    ) -> None:
        self._lookup = lookup
        self._max_lookups_at_once = max_lookups_at_once
        self._slow_after = slow_after.total_seconds()
        self.forget()

    def forget(self) -> None:
        """Start afresh: in a forked child the threads that would finish the look-ups are gone."""
        self._lock = threading.Lock()
        self._places = Places(self._max_lookups_at_once)
        self._asked: dict[str, dict[Done, set[str]]] = {}
        self._running: dict[str, dict[Done, set[str]]] = {}

    def __call__(self, host: str, seconds: float, caller: str = NOBODY) -> Addresses:
        answer: Future[Found] = Future()

        def done(host: str, found: Found) -> None:
            answer.set_result(found)

        self.ask(host, done, caller)
        try:
            found = answer.result(max(0.0, seconds))
        except TimeoutError as exc:
            self.withdraw(host, done)
            raise failures.lookup_overdue(host) from exc
        failure = found.failure(host)
        if failure is not None:
            raise failure from found.error
        return found.addresses

    def ask(self, host: str, done: Done, caller: str) -> None:
        """Have ``host`` looked up as soon as it is its turn, and ``done`` told once; do not wait.

        It is the turn of a name as soon as it is that of any ``caller`` it was asked for.
        """
        with self._lock:
            if host in self._running:
                self._running[host].setdefault(done, set())
                return
            self._asked.setdefault(host, {}).setdefault(done, set()).add(caller)
            # Whoever asked earlier and still waits could not begin before, nor can it now.
            ready = self._ready((host,))
        self._begin(ready)

    def withdraw(self, host: str, done: Done) -> bool:
        """Do not look ``host`` up on behalf of ``done``; return False when it is under way."""
        with self._lock:
            waiting = self._asked.get(host)
            if waiting is None or done not in waiting:
                return False
            del waiting[done]
            if not waiting:
                del self._asked[host]
            return True

    def _ready(self, hosts: Iterable[str]) -> list[str]:
        """Take places for those of ``hosts`` whose turn it is, and return them."""
        ready = []
        for host in hosts:
            if self._places.full:
                break
            if any(
                self._places.take(host, caller)
                for callers in self._asked[host].values()
                for caller in callers
            ):
                ready.append(host)
        for host in ready:
            self._running[host] = self._asked.pop(host)
        return ready

    def _begin(self, ready: list[str]) -> None:
        while ready:
            host = ready.pop(0)
            # A daemon: a look-up that hangs must not keep the process from ending.
            thread = threading.Thread(
                target=self._run, args=(host,), name="http-lookup", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:
                error = UnreachableError(f"the name {host} could not be looked up")
                ready += self._end(host, Found(error=error))

    def _run(self, host: str) -> None:
        places, started = self._places, time.monotonic()
        addresses: Addresses = ()
        error = None
        try:
            addresses = self._lookup(host)
        except Exception as caught:  # noqa: BLE001 - handed to the callers, who are other threads
            error = caught
        slow = time.monotonic() - started >= self._slow_after
        if places is self._places:
            self._begin(self._end(host, Found(addresses=addresses, error=error, slow=slow)))

    def _end(self, host: str, found: Found) -> list[str]:
        """Tell all who wait for ``host``; return whose turn it is now."""
        with self._lock:
            waiting = self._running.pop(host)
            self._places.give_back(host, found.standing)
            ready = self._ready(list(self._asked))
        for done in waiting:
            done(host, found)
        return ready


def in_threads(resolve: Resolver) -> ThreadedResolver:
    """Return ``resolve`` such that one can ask it and go on."""
    if isinstance(resolve, ThreadedResolver):
        return resolve
    return ThreadedResolver(lambda host: resolve(host, MAX_LOOKUP_SECONDS))


resolve = ThreadedResolver()
os.register_at_fork(after_in_child=resolve.forget)
