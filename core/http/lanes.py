"""The requests under one policy, and the connections that they share."""

import math
import selectors
import time
from contextlib import suppress
from datetime import timedelta
from typing import Generic

import pycurl

from core.http import failures
from core.http.authorities import AuthoritiesFile
from core.http.curl_errors import translated
from core.http.errors import HttpError, TlsError, UnreachableError
from core.http.kept import KeptConnections
from core.http.names import Names
from core.http.policy import EgressPolicy
from core.http.transfers import FIXED_OPTIONS, Job, Target, Token, Transfer
from core.http.types import Response
from core.http.urls import check_url, literal_address
from core.http.vetting import Route

MAX_CONNECTIONS_KEPT = 512
MAX_IDLE = timedelta(seconds=60)
MAX_HANDLES_KEPT = 512
MAX_TARGETS_KEPT = 4_096

_EVENTS = {
    pycurl.POLL_IN: selectors.EVENT_READ,
    pycurl.POLL_OUT: selectors.EVENT_WRITE,
    pycurl.POLL_INOUT: selectors.EVENT_READ | selectors.EVENT_WRITE,
}


class Lane(Generic[Token]):
    """Carries requests under ``policy``; connections never change their policy.

    What is done is appended to ``finished``. The lane registers its sockets with ``selector``, with
    itself as their data; whoever owns the selector calls ``act`` and keeps the time of ``due_at``.
    """

    def __init__(
        self,
        *,
        policy: EgressPolicy,
        names: Names,
        max_response_bytes: int,
        max_connection_age: timedelta,
        selector: selectors.BaseSelector,
        finished: list[tuple[Token, Response | HttpError]],
    ) -> None:
        self.policy = policy
        self._names = names
        self._max_response_bytes = max_response_bytes
        self._selector = selector
        self._finished = finished
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, MAX_CONNECTIONS_KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        self._timer_at = math.inf
        self._give_up_at = math.inf
        self._sockets: set[int] = set()
        self._targets: dict[str, Target] = {}
        self._waiting: dict[str, list[Job[Token]]] = {}
        self._idle: list[Transfer[Token]] = []
        self._kept = KeptConnections()
        self._running: dict[pycurl.Curl, Transfer[Token]] = {}
        self._failure: HttpError | None = None
        self._options = FIXED_OPTIONS + self._own_options(max_connection_age)

    def _own_options(self, max_connection_age: timedelta) -> tuple[tuple[int, object], ...]:
        self._authorities: AuthoritiesFile | None = None
        try:
            self._authorities = AuthoritiesFile(self.policy.ca_bundle)
        except TlsError as error:
            self._failure = error
            return ()
        if max_connection_age <= timedelta():
            lifetime: tuple[int, object] = (pycurl.FORBID_REUSE, 1)
        else:
            lifetime = (pycurl.MAXLIFETIME_CONN, math.ceil(max_connection_age.total_seconds()))
        return (
            (pycurl.CAINFO, self._authorities.path),
            (pycurl.MAXAGE_CONN, int(MAX_IDLE.total_seconds())),
            lifetime,
        )

    def __len__(self) -> int:
        return len(self._running) + sum(map(len, self._waiting.values()))

    def target(self, url: str) -> Target:
        """Return where ``url`` leads; raise RequestRefusedError when it may not be requested."""
        target = self._targets.get(url)
        if target is None:
            checked = check_url(url, self.policy)
            address = literal_address(checked.host)
            target = Target(
                url=checked.text,
                host=checked.host,
                port=checked.port,
                encrypted=checked.scheme == "https",
                pin=f"+{_bracketed(checked.host)}:{checked.port}:",
                route=None if address is None else Route.to([address]),
            )
            if len(self._targets) >= MAX_TARGETS_KEPT:
                self._targets.clear()
            self._targets[url] = target
        return target

    def start(self, job: Job[Token]) -> None:
        """Send ``job``, now or as soon as its name has been looked up."""
        if self._failure is not None:
            self._finished.append((job.token, self._failure))
            return
        if job.target.route is not None:
            self._send(job, job.target.route)
            return
        host = job.target.host
        verdict = self._names.verdict(host, job.caller)
        if verdict is None:
            self._waiting.setdefault(host, []).append(job)
            self._give_up_at = min(self._give_up_at, job.deadline)
            self._names.ask(host, job.caller)
        elif verdict.failure is not None:
            self._finished.append((job.token, verdict.failure))
        else:
            self._send(job, verdict.route)

    def due_at(self) -> float:
        """Return when ``run_timers`` has something to do, on the monotonic clock."""
        return min(self._timer_at, self._give_up_at)

    def run_timers(self, now: float) -> None:
        """Do what is due by ``now``."""
        if self._give_up_at <= now:
            self._give_up_waiting(now)
        if self._timer_at <= now:
            self._timer_at = math.inf
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def act(self, descriptor: int, events: int) -> None:
        """Go on where ``descriptor`` has become ready for ``events`` of the selector."""
        ready = (pycurl.CSELECT_IN if events & selectors.EVENT_READ else 0) | (
            pycurl.CSELECT_OUT if events & selectors.EVENT_WRITE else 0
        )
        self._multi.socket_action(descriptor, ready)

    def send_resolved(self) -> None:
        """Send what waited for names that have been looked up by now."""
        for host, verdict in self._names.arrived():
            for job in self._waiting.pop(host, ()):
                if verdict.failure is not None:
                    self._finished.append((job.token, verdict.failure))
                else:
                    self._send(job, verdict.route)

    def reap(self) -> None:
        """Move what libcurl is done with to the finished ones."""
        while True:
            left, complete, failed = self._multi.info_read()
            for handle in complete:
                self._finish(self._running[handle], pycurl.E_OK, "")
            for handle, code, message in failed:
                self._finish(self._running[handle], code, message)
            if not left:
                return

    def close(self) -> None:
        """Break off what is under way, without a result, and close all connections."""
        self._names.close()
        for transfer in self._running.values():
            self._multi.remove_handle(transfer.handle)
            transfer.handle.close()
        for transfer in self._idle:
            transfer.handle.close()
        self._multi.close()
        if self._authorities is not None:
            self._authorities.close()
        for descriptor in self._sockets:
            with suppress(KeyError):
                self._selector.unregister(descriptor)
        for own in (self._running, self._idle, self._waiting, self._sockets):
            own.clear()

    def _send(self, job: Job[Token], route: Route, *, anew: bool = False) -> None:
        milliseconds = math.ceil((job.deadline - time.monotonic()) * 1_000)
        if milliseconds <= 0:
            self._finished.append((job.token, failures.overdue(job.target.host)))
            return
        transfer = self._idle.pop() if self._idle else self._new_transfer()
        try:
            transfer.load(
                job,
                route,
                milliseconds=milliseconds,
                max_response_bytes=self._max_response_bytes,
                anew=anew,
            )
            self._multi.add_handle(transfer.handle)
        except (pycurl.error, MemoryError):
            transfer.handle.close()
            failure = UnreachableError(f"no request to {job.target.host} could be made")
            self._finished.append((job.token, failure))
        else:
            self._running[transfer.handle] = transfer

    def _new_transfer(self) -> Transfer[Token]:
        return Transfer(self.policy, self._options, self._kept)

    def _give_up_waiting(self, now: float) -> None:
        for host, jobs in list(self._waiting.items()):
            left = [job for job in jobs if job.deadline > now]
            if len(left) == len(jobs):
                continue
            failure = failures.lookup_overdue(host)
            self._finished += [(job.token, failure) for job in jobs if job.deadline <= now]
            if left:
                self._waiting[host] = left
            else:
                del self._waiting[host]
                self._names.abandon(host)
        self._give_up_at = min(
            (job.deadline for jobs in self._waiting.values() for job in jobs), default=math.inf
        )

    def _finish(self, transfer: Transfer[Token], code: int, message: str) -> None:
        job, handle, route = transfer.job, transfer.handle, transfer.route
        spoiled = transfer.spoiled
        result = self._result(transfer, code, message)
        if code == pycurl.E_COULDNT_CONNECT:
            self._names.forget(job.target.host)
        self._multi.remove_handle(handle)
        del self._running[handle]
        if len(self._idle) < MAX_HANDLES_KEPT:
            transfer.unload()
            self._idle.append(transfer)
        else:
            handle.close()
        if spoiled:
            self._send(job, route, anew=True)
        else:
            self._finished.append((job.token, result))

    def _result(self, transfer: Transfer[Token], code: int, message: str) -> Response | HttpError:
        job, handle, answer = transfer.job, transfer.handle, transfer.answer
        if transfer.failure is not None:
            return transfer.failure
        if code == pycurl.E_OK or answer.truncated:
            address = handle.getinfo(pycurl.PRIMARY_IP)
            transfer.left_in_order(address)
            return answer.response(
                duration=timedelta(seconds=time.monotonic() - job.started), address=address
            )
        return translated(
            code,
            message,
            system_error=handle.getinfo(pycurl.OS_ERRNO),
            host=job.target.host,
            literal=job.target.route is not None,
        )

    def _watch(self, what: int, descriptor: int, multi: object, data: object) -> None:
        """Watch a socket as libcurl asks; called by libcurl."""
        if what == pycurl.POLL_REMOVE:
            if descriptor in self._sockets:
                self._sockets.discard(descriptor)
                self._selector.unregister(descriptor)
        elif descriptor in self._sockets:
            self._selector.modify(descriptor, _EVENTS[what], self)
        else:
            self._sockets.add(descriptor)
            self._selector.register(descriptor, _EVENTS[what], self)

    def _set_timer(self, milliseconds: int) -> None:
        """Note when libcurl wants to be called again; called by libcurl."""
        if milliseconds < 0:
            self._timer_at = math.inf
        else:
            self._timer_at = time.monotonic() + milliseconds / 1_000 if milliseconds else 0.0


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
