"""The one function through which requests leave."""

import http.client
import os
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

import requests
import requests.structures
import urllib3
import urllib3.exceptions

from core.http import failures
from core.http.connections import Egress, VettedSession
from core.http.exchange import (
    DEFAULT_MAX_RESPONSE_BYTES,
    MAX_CONNECTION_AGE,
    MAX_TIMEOUT,
    Exchange,
)
from core.http.headers import prepare_headers, storable
from core.http.methods import check_method
from core.http.policy import EgressPolicy, from_settings
from core.http.resolving import NOBODY, Resolver, in_threads, resolve
from core.http.sockets import connection_error
from core.http.types import Response
from core.http.urls import CheckedUrl, check_url

READ_SIZE_BYTES = 65_536
POLICIES_KEPT_PER_THREAD = 4

# Whatever requests, urllib3 and http.client raise about an answer that they cannot read. Our own
# sockets report what happens to the connection before any of these could.
_UNREADABLE_ANSWER = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ValueError,
)


class Client:
    """Sends requests and keeps connections alive between them.

    Safe to share: each thread, and each process after a fork, has its own connections. ``resolve``
    replaces the look-up of names. A connection is opened anew, and its name judged anew, when it is
    ``max_connection_age`` old, even while it is in steady use.
    """

    def __init__(
        self, *, resolve: Resolver = resolve, max_connection_age: timedelta = MAX_CONNECTION_AGE
    ) -> None:
        self._resolver = in_threads(resolve)
        self._max_connection_age = max_connection_age
        self._own = threading.local()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: timedelta,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        policy: EgressPolicy | None = None,
        caller: str = NOBODY,
    ) -> Response:
        """Send one request and return the answer, whatever its status code.

        ``timeout`` bounds everything together: the look-up of the name, the connection, the
        handshake, sending, and receiving to the end; no request lasts over an hour. Of the body,
        the first ``max_response_bytes`` are read; what comes after is discarded unread. Without
        ``policy`` the operator's settings are in force. Redirects are not followed and nothing is
        sent twice. ``caller`` is for whom it is sent: the names of one, whatever they are, leave
        room for the look-ups of another.

        Raises HttpError and nothing else: RequestRefusedError before anything was sent,
        TransportError when the peer may have received the request.
        """
        started = time.monotonic()
        policy = policy or from_settings()
        checked = check_url(url, policy)
        prepared = _prepare(method, checked, headers or {}, body)
        session = self._session(policy)
        exchange = session.egress.exchange
        seconds = min(timeout, MAX_TIMEOUT).total_seconds()
        exchange.begin(host=checked.host, deadline=started + seconds, caller=caller)
        try:
            answer: urllib3.HTTPResponse = session.send(
                prepared,
                stream=True,
                allow_redirects=False,
                proxies={},
                timeout=exchange.seconds_left(),
            ).raw
            content, truncated = _receive(answer, exchange, max_response_bytes)
        except _UNREADABLE_ANSWER as error:
            raise failures.broken(checked.host) from error
        except OSError as error:
            raise connection_error(error, checked.host) from error
        return Response(
            status_code=answer.status,
            headers=tuple((name, storable(value)) for name, value in answer.headers.items()),
            body=content,
            truncated=truncated,
            duration=timedelta(seconds=time.monotonic() - started),
            address=exchange.address,
        )

    def _session(self, policy: EgressPolicy) -> VettedSession:
        """Return this thread's session under ``policy``: connections never change their policy."""
        sessions: dict[EgressPolicy, VettedSession] = self._own.__dict__.setdefault("sessions", {})
        if self._own.__dict__.setdefault("process", os.getpid()) != os.getpid():
            # After a fork the sockets are shared with the parent, who goes on using them.
            _close_all(sessions)
            self._own.process = os.getpid()
        session = sessions.pop(policy, None)
        if session is None:
            session = VettedSession(
                Egress(
                    policy=policy,
                    resolver=self._resolver,
                    max_connection_age=self._max_connection_age,
                )
            )
        sessions[policy] = session
        while len(sessions) > POLICIES_KEPT_PER_THREAD:
            sessions.pop(next(iter(sessions))).close()
        return session

    def close(self) -> None:
        """Close the connections that the calling thread keeps alive."""
        _close_all(self._own.__dict__.setdefault("sessions", {}))


def _close_all(sessions: dict[EgressPolicy, VettedSession]) -> None:
    while sessions:
        sessions.popitem()[1].close()


def _prepare(
    method: str, url: CheckedUrl, headers: Mapping[str, str], body: bytes
) -> requests.PreparedRequest:
    check_method(method)
    prepared = requests.PreparedRequest()
    prepared.method = method
    # Set, not prepared: requests would rewrite what has just been checked.
    prepared.url = url.text
    prepared.headers = requests.structures.CaseInsensitiveDict(prepare_headers(headers))
    prepared.body = body or None
    prepared.prepare_content_length(prepared.body)
    prepared.prepare_hooks(None)
    return prepared


def _receive(
    answer: urllib3.HTTPResponse, exchange: Exchange, max_bytes: int
) -> tuple[bytes, bool]:
    """Return the beginning of the body, and whether there is more; done with the answer then."""
    try:
        if answer.status < 200:
            raise failures.switched(exchange.host)
        exchange.allow_body(max_bytes)
        return _read(answer, max_bytes)
    finally:
        # An answer that was read to its end has given its connection back by now.
        answer.close()
        answer.release_conn()


def _read(answer: urllib3.HTTPResponse, max_bytes: int) -> tuple[bytes, bool]:
    """Return the first ``max_bytes`` of the body, and whether there is more."""
    content = bytearray()
    while len(content) <= max_bytes:
        piece = answer.read(
            min(READ_SIZE_BYTES, max_bytes + 1 - len(content)), decode_content=False
        )
        if not piece:
            return bytes(content), False
        content += piece
    return bytes(content[:max_bytes]), True


_client = Client()
request = _client.request
