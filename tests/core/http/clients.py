"""Both clients behind one face, so that one table of behavior holds for both."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from core.http import Client, ConcurrentClient, EgressPolicy, HttpError, Response
from core.http.exchange import DEFAULT_MAX_RESPONSE_BYTES, MAX_CONNECTION_AGE
from core.http.resolving import NOBODY, Resolver, resolve
from core.http.verdicts import MAX_VERDICT_AGE


class AnyClient(Protocol):
    """What the tests of both clients ask of a client."""

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
    ) -> Response: ...

    def close(self) -> None: ...


class OneAtATime:
    """A ConcurrentClient for each policy and limit, with one request under way at a time."""

    def __init__(
        self,
        *,
        resolve: Resolver = resolve,
        max_connection_age: timedelta = MAX_CONNECTION_AGE,
        max_verdict_age: timedelta = MAX_VERDICT_AGE,
    ) -> None:
        self._resolve = resolve
        self._max_connection_age = max_connection_age
        self._max_verdict_age = max_verdict_age
        self._clients: dict[tuple[EgressPolicy | None, int], ConcurrentClient[str]] = {}

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
        client = self._clients.get((policy, max_response_bytes))
        if client is None:
            client = self._clients[policy, max_response_bytes] = ConcurrentClient(
                policy=policy,
                resolve=self._resolve,
                max_response_bytes=max_response_bytes,
                max_connection_age=self._max_connection_age,
                max_verdict_age=self._max_verdict_age,
            )
        client.start(
            "only", method, url, headers=headers or {}, body=body, timeout=timeout, caller=caller
        )
        [(token, result)] = client.collect(30)
        assert token == "only"
        assert len(client) == 0
        if isinstance(result, Response):
            return result
        raise result

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()


ClientType = type[Client] | type[OneAtATime]

Results = dict[str, Response | HttpError]

LIMIT = timedelta(seconds=10)


def start(
    client: ConcurrentClient[str], url: str, token: str = "only", *, caller: str = NOBODY
) -> None:
    """Begin to post a small body to ``url``."""
    client.start(token, "POST", url, headers={}, body=b"{}", timeout=LIMIT, caller=caller)


def collect_all(client: ConcurrentClient[str]) -> Results:
    """Return every result, by token."""
    results: Results = {}
    while client:
        results.update(client.collect(10))
    return results
