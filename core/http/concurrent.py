"""Many requests under way at once, on one thread."""

import os
import selectors
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Generic

from core.http.errors import HttpError, InvalidMethodError
from core.http.exchange import DEFAULT_MAX_RESPONSE_BYTES, MAX_CONNECTION_AGE, MAX_TIMEOUT
from core.http.headers import header_lines, prepare_headers
from core.http.lanes import Lane
from core.http.methods import check_method
from core.http.names import Names
from core.http.policy import EgressPolicy, from_settings
from core.http.resolving import NOBODY, Resolver, in_threads, resolve
from core.http.transfers import Job, Token
from core.http.types import Response
from core.http.verdicts import MAX_VERDICT_AGE


class ConcurrentClient(Generic[Token]):
    """Many requests at once on one thread, over connections that are kept.

    The guarantees are those of ``Client``. ``start`` hands a request in and ``collect`` does the
    work and hands out what is done, in any order, each with the ``token`` it was started with.

    Not thread-safe, and of the process that made it alone: after a fork, the child makes its own.
    Without ``policy`` the operator's settings are in force, as they are at each ``start``. A name
    is looked up, and its addresses judged, anew when the last verdict is ``max_verdict_age`` old; the
    old verdict serves until the new one is there, for ten times that age at most.
    """

    def __init__(
        self,
        *,
        policy: EgressPolicy | None = None,
        resolve: Resolver = resolve,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        max_connection_age: timedelta = MAX_CONNECTION_AGE,
        max_verdict_age: timedelta = MAX_VERDICT_AGE,
    ) -> None:
        self._policy = policy
        self._resolver = in_threads(resolve)
        self._max_response_bytes = max_response_bytes
        self._max_connection_age = max_connection_age
        self._max_verdict_age = max_verdict_age
        self._process = os.getpid()
        self._finished: list[tuple[Token, Response | HttpError]] = []
        self._lanes: list[Lane[Token]] = []
        self._under_way = 0
        self._selector = selectors.DefaultSelector()
        self._bell, self._bell_rope = socket.socketpair()
        self._bell.setblocking(False)
        self._bell_rope.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, self._bell)

    def __len__(self) -> int:
        """Return how many requests were started and not yet collected."""
        return self._under_way

    def start(
        self,
        token: Token,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout: timedelta,
        caller: str = NOBODY,
    ) -> None:
        """Begin to send one request; ``collect`` goes on with it.

        ``timeout`` bounds everything together, from this call on: the look-up of the name, the
        connection, the handshake, sending, and receiving to the end; no request lasts over an hour.
        Of the body of the answer, the first ``max_response_bytes`` are read. Redirects are not
        followed. A request is sent a second time only when it went out over a kept connection that
        the peer closed without a single byte of an answer. ``caller`` is for whom it is sent: the
        names of one, whatever they are, leave room for the look-ups of another.

        Raises RequestRefusedError for what can be refused before a name is looked up.
        """
        if os.getpid() != self._process:
            raise RuntimeError(
                "a ConcurrentClient cannot be used in a forked process; make a new one"
            )
        started = time.monotonic()
        lane = self._lane()
        check_method(method)
        if method == "HEAD" and body:
            raise InvalidMethodError("a HEAD request has no body; use GET or POST, or leave it out")
        lane.start(
            Job(
                token=token,
                caller=caller,
                method=method,
                target=lane.target(url),
                header_lines=header_lines(prepare_headers(headers)),
                body=body,
                started=started,
                deadline=started + min(timeout, MAX_TIMEOUT).total_seconds(),
            )
        )
        self._under_way += 1

    def collect(
        self, seconds: float, *, wake_on: int | None = None
    ) -> list[tuple[Token, Response | HttpError]]:
        """Do network work and return what is done, waiting at most ``seconds`` for the first.

        Returns early, perhaps with nothing, when the file descriptor ``wake_on`` becomes readable.
        What the peers do never raises: it comes as a result.
        """
        until = time.monotonic() + seconds
        if wake_on is not None:
            self._selector.register(wake_on, selectors.EVENT_READ, None)
        try:
            while True:
                woken = self._work(until)
                if self._finished or woken or time.monotonic() >= until:
                    break
        finally:
            if wake_on is not None:
                self._selector.unregister(wake_on)
        finished = self._finished[:]
        self._finished.clear()
        self._under_way -= len(finished)
        return finished

    def close(self) -> None:
        """Break off what is under way, without results, and close all connections for good."""
        for lane in self._lanes:
            lane.close()
        self._lanes.clear()
        self._finished.clear()
        self._under_way = 0
        self._selector.close()
        self._bell.close()
        self._bell_rope.close()

    def _lane(self) -> Lane[Token]:
        """Return the lane of the policy in force; those of other policies may finish their work."""
        policy = self._policy or from_settings()
        if self._lanes:
            lane = self._lanes[-1]
            if lane.policy is policy or lane.policy == policy:
                return lane
        names = Names(
            policy=policy,
            resolver=self._resolver,
            max_verdict_age=self._max_verdict_age,
            wake=self._ring,
        )
        lane = Lane(
            policy=policy,
            names=names,
            max_response_bytes=self._max_response_bytes,
            max_connection_age=self._max_connection_age,
            selector=self._selector,
            finished=self._finished,
        )
        self._lanes.append(lane)
        return lane

    def _work(self, until: float) -> bool:
        """Do what is due, wait ``until`` something is ready; return whether ``wake_on`` was."""
        now = time.monotonic()
        for lane in self._lanes:
            lane.run_timers(now)
        self._reap()
        due_at = min((lane.due_at() for lane in self._lanes), default=until)
        wait = 0.0 if self._finished else max(0.0, min(due_at, until) - time.monotonic())
        woken = False
        for key, events in self._selector.select(wait):
            if isinstance(key.data, Lane):
                key.data.act(key.fd, events)
            elif key.data is self._bell:
                self._hear()
            else:
                woken = True
        self._reap()
        return woken

    def _reap(self) -> None:
        for lane in self._lanes:
            lane.reap()
        while len(self._lanes) > 1 and not self._lanes[0]:
            self._lanes.pop(0).close()

    def _ring(self) -> None:
        """Wake the loop from another thread. A full bell rings already; a closed one is not heard."""
        with suppress(OSError):
            self._bell_rope.send(b"!")

    def _hear(self) -> None:
        with suppress(OSError):
            self._bell.recv(4_096)
        for lane in self._lanes:
            lane.send_resolved()
