"""Connections that open only to vetted addresses, and the session that keeps them.

A name is resolved once for each connection, every address it leads to is judged, and the connection
goes to one of exactly those addresses. There is no second look-up that could answer otherwise. The
name stays what the certificate, SNI and the Host header are about.
"""

import http.client
import logging
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

import requests
import requests.adapters
import requests.cookies
import urllib3
import urllib3.connection

from core.http import failures
from core.http.addresses import Address
from core.http.authorities import load_authorities
from core.http.errors import DeadlineError, HttpError
from core.http.exchange import Exchange
from core.http.policy import EgressPolicy
from core.http.resolving import ThreadedResolver
from core.http.sockets import ExchangeSocket, ExchangeTlsSocket, connection_error
from core.http.urls import literal_address
from core.http.vetting import MAX_ADDRESSES_TRIED, vet

# Below this level urllib3 writes whole URLs, and tenants' URLs hold tokens.
logging.getLogger("urllib3").setLevel(logging.ERROR)

HOSTS_KEPT_PER_THREAD = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """What a connection needs to know to open: the rules, the resolver, the request under way."""

    policy: EgressPolicy
    resolver: ThreadedResolver
    max_connection_age: timedelta
    exchange: Exchange = field(default_factory=Exchange)

    def vetted_addresses(self, host: str) -> tuple[Address, ...]:
        """Return the addresses of ``host``, in the order to try them, all of them judged."""
        literal = literal_address(host)
        if literal is None:
            addresses = self.resolver(host, self.exchange.seconds_left(), self.exchange.caller)
        else:
            addresses = (literal,)
        vet(host, addresses, self.policy)
        return addresses


class _VettedConnection(urllib3.connection.HTTPConnection):
    """What the connections of both schemes have in common."""

    def __init__(
        self, host: str, port: int | None = None, *, egress: Egress, **options: Any
    ) -> None:
        super().__init__(host, port, **options)
        self.egress = egress
        self._address = ""
        self._opened_at = 0.0

    @property
    def is_connected(self) -> bool:
        age = timedelta(seconds=time.monotonic() - self._opened_at)
        return age < self.egress.max_connection_age and super().is_connected

    def _new_conn(self) -> socket.socket:
        addresses = self.egress.vetted_addresses(self._dns_host)[:MAX_ADDRESSES_TRIED]
        exchange = self.egress.exchange
        failure: HttpError = failures.no_address(exchange.host)
        for index, address in enumerate(addresses):
            # A silent address must leave time for those after it.
            seconds = exchange.seconds_left() / (len(addresses) - index)
            try:
                opened = _open(address, self.port, seconds)
            except TimeoutError:
                failure = exchange.overdue()
            except OSError as error:
                failure = connection_error(error, exchange.host)
            else:
                opened.exchange = exchange
                try:
                    opened.settimeout(exchange.seconds_left())  # for the TLS handshake
                except DeadlineError:
                    opened.close()
                    raise
                self._address = str(address)
                self._opened_at = time.monotonic()
                return opened
        raise failure

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3 does
        exchange = self.egress.exchange
        exchange.address = self._address
        try:
            return super().getresponse()
        except http.client.RemoteDisconnected as error:
            raise failures.hung_up(exchange.host) from error
        except (http.client.HTTPException, ValueError) as error:
            raise failures.not_http(exchange.host) from error


class VettedHttpConnection(_VettedConnection):
    """A connection without encryption."""


class VettedHttpsConnection(_VettedConnection, urllib3.connection.HTTPSConnection):
    """A connection over TLS whose handshake counts against the time of the exchange."""

    def connect(self) -> None:
        exchange = self.egress.exchange
        try:
            super().connect()
        except TimeoutError as error:
            raise exchange.overdue() from error
        except OSError as error:
            raise connection_error(error, exchange.host) from error
        if not isinstance(self.sock, ExchangeTlsSocket):
            raise failures.not_encrypted(exchange.host)
        self.sock.exchange = exchange


def _open(address: Address, port: int, seconds: float) -> ExchangeSocket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    opened = ExchangeSocket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(seconds)
        opened.connect((str(address), port))
    except BaseException:
        opened.close()
        raise
    return opened


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = VettedHttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = VettedHttpsConnection


class _PoolManager(urllib3.PoolManager):
    """Pools of vetted connections. All of them are under the one policy of ``egress``."""

    def __init__(self, egress: Egress) -> None:
        super().__init__(
            num_pools=HOSTS_KEPT_PER_THREAD,
            maxsize=1,  # a thread does one request at a time
            ssl_context=_tls_context(egress.policy.ca_bundle),
        )
        self._egress = egress
        self.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> urllib3.HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        pool.conn_kw["egress"] = self._egress
        return pool


class _TlsContext(ssl.SSLContext):
    """A context that is finished when it is made, so that threads can share it."""

    sslsocket_class = ExchangeTlsSocket

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Change nothing: urllib3 asks for each connection, while other threads shake hands."""


@lru_cache(maxsize=16)
def _tls_context(ca_bundle: str) -> ssl.SSLContext:
    context = _TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    load_authorities(context, ca_bundle)
    return context


class _Adapter(requests.adapters.HTTPAdapter):
    """The transport of a Session, reduced to what a single vetted request needs."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = _PoolManager(self._egress)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Add nothing: the TLS context of the pools holds the authorities already."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        return request.path_url  # as checked, where requests would fold leading slashes

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response


class _NoCookies(requests.cookies.RequestsCookieJar):
    """A jar that takes nothing in: one tenant's cookies must not reach another's request."""

    def extract_cookies(self, *args: Any, **kwargs: Any) -> None:
        return


class VettedSession(requests.Session):
    """A Session of one thread under one policy.

    It reads no environment (proxies, netrc, certificate bundles), follows no redirect, keeps no
    cookie and repeats nothing.
    """

    def __init__(self, egress: Egress) -> None:
        super().__init__()
        self.egress = egress
        self.trust_env = False
        self.cookies = _NoCookies()
        for prefix in ("http://", "https://"):
            self.get_adapter(prefix).close()
            self.mount(prefix, _Adapter(egress))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none. Even when not following, requests would read the whole body to look."""
