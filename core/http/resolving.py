"""Names to addresses, within a time.

``getaddrinfo`` cannot be interrupted and may hang for half a minute on a dead name server. Each
look-up therefore runs in a thread of its own, which the caller stops waiting for when its time is
up. A name that hangs occupies one thread however many callers ask for it, and the number of threads
is bounded, so dead names cost memory that is known in advance.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import ip_address

from core.http import failures
from core.http.addresses import Address
from core.http.errors import UnreachableError

MAX_LOOKUPS_AT_ONCE = 64

Addresses = tuple[Address, ...]
Resolver = Callable[[str, float], Addresses]
"""Take a host name and the seconds to spend; return its addresses, best first.

Raises UnreachableError or DeadlineError.
"""


def system_lookup(host: str) -> Addresses:
    """Return the addresses of ``host`` as this machine sees them; raise OSError or UnicodeError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


class ThreadedResolver:
    """A Resolver that bounds how long and how often ``lookup`` runs."""

    def __init__(
        self,
        lookup: Callable[[str], Addresses] = system_lookup,
        *,
        max_lookups_at_once: int = MAX_LOOKUPS_AT_ONCE,
    ) -> None:
        self._lookup = lookup
        self._max_lookups_at_once = max_lookups_at_once
        self.forget()

    def forget(self) -> None:
        """Start afresh: in a forked child the threads that would finish the look-ups are gone."""
        self._changed = threading.Condition()
        self._running: dict[str, Future[Addresses]] = {}

    def __call__(self, host: str, seconds: float) -> Addresses:
        deadline = time.monotonic() + seconds
        answer = self._answer_for(host, deadline)
        try:
            error = answer.exception(max(0.0, deadline - time.monotonic()))
        except TimeoutError as exc:
            raise failures.lookup_overdue(host) from exc
        if error is not None:
            raise failures.not_resolved(host) from error
        return answer.result()

    def _answer_for(self, host: str, deadline: float) -> Future[Addresses]:
        """Return the look-up of ``host`` under way, or begin one as soon as there is room."""
        with self._changed:
            while host not in self._running and len(self._running) >= self._max_lookups_at_once:
                if not self._changed.wait(deadline - time.monotonic()):
                    raise failures.lookup_overdue(host)
            if host not in self._running:
                answer: Future[Addresses] = Future()
                # A daemon: a look-up that hangs must not keep the process from ending.
                thread = threading.Thread(
                    target=self._run, args=(host, answer), name="http-lookup", daemon=True
                )
                try:
                    thread.start()
                except RuntimeError as error:
                    raise UnreachableError(f"the name {host} could not be looked up") from error
                self._running[host] = answer
            return self._running[host]

    def _run(self, host: str, answer: Future[Addresses]) -> None:
        try:
            answer.set_result(self._lookup(host))
        except Exception as error:  # noqa: BLE001 - handed to the callers, who are other threads
            answer.set_exception(error)
        with self._changed:
            self._running.pop(host, None)
            self._changed.notify_all()


resolve = ThreadedResolver()
os.register_at_fork(after_in_child=resolve.forget)
