"""One request on its way, in an easy handle of libcurl."""

import logging
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Generic, TypeVar

import pycurl

from core.http.addresses import Address
from core.http.answers import Answer
from core.http.errors import AddressRefusedError, HttpError
from core.http.failures import connection_failed
from core.http.kept import KeptConnections, bytes_received
from core.http.policy import EgressPolicy
from core.http.vetting import Route

logger = logging.getLogger(__name__)

Token = TypeVar("Token")

# What every transfer has in common. libcurl's defaults change; what must hold is written down.
FIXED_OPTIONS: tuple[tuple[int, object], ...] = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
    (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
    (pycurl.HTTP09_ALLOWED, 0),
    (pycurl.FOLLOWLOCATION, 0),
    # An empty proxy keeps libcurl from reading the environment.
    (pycurl.PROXY, ""),
    (pycurl.NOPROXY, "*"),
    (pycurl.NETRC, pycurl.NETRC_IGNORED),
    (pycurl.HTTPAUTH, pycurl.HTTPAUTH_NONE),
    (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
    (pycurl.SSL_VERIFYPEER, 1),
    (pycurl.SSL_VERIFYHOST, 2),
    (pycurl.SSL_OPTIONS, pycurl.SSLOPT_NO_PARTIALCHAIN),
    # Otherwise the authorities of the system would be trusted beside those of CAINFO.
    (pycurl.CAPATH, None),
    (pycurl.PATH_AS_IS, 1),
    # The body comes as it is on the wire, so that its framing can be counted.
    (pycurl.HTTP_TRANSFER_DECODING, 0),
    (pycurl.HTTP_CONTENT_DECODING, 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where requests to one URL go. ``route`` is there when the host is itself an address.

    ``pin`` is how libcurl names the host and the port when it is told their addresses.
    """

    url: str
    host: str
    port: int
    encrypted: bool
    pin: str
    route: Route | None


@dataclass(slots=True, kw_only=True)
class Job(Generic[Token]):
    """A request that was accepted. Times are on the monotonic clock."""

    token: Token
    caller: str
    method: str
    target: Target
    header_lines: list[bytes]
    body: bytes
    started: float
    deadline: float


class Transfer(Generic[Token]):
    """An easy handle and the request that it carries at the moment.

    The handle is emptied after each request: nothing of one tenant's is there for the next.
    """

    def __init__(
        self,
        policy: EgressPolicy,
        options: tuple[tuple[int, object], ...],
        kept: KeptConnections,
    ) -> None:
        self.handle = pycurl.Curl()
        self.spoiled = False
        self._policy = policy
        self._options = options
        self._kept = kept
        self._opened = False
        self._refusal: HttpError | None = None

    def load(
        self,
        job: Job[Token],
        route: Route,
        *,
        milliseconds: int,
        max_response_bytes: int,
        anew: bool,
    ) -> None:
        """Get ready to carry ``job``, along ``route`` and nowhere else.

        ``anew`` asks for a connection that nobody has used.
        """
        self.job = job
        self.route = route
        self.answer = Answer(job.target.host, max_response_bytes)
        self.spoiled = False
        self._refusal = None
        self._opened = False
        setopt = self.handle.setopt
        for option, value in self._options:
            setopt(option, value)
        setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        setopt(pycurl.RESOLVER_START_FUNCTION, _refuse_lookup)
        setopt(pycurl.PREREQFUNCTION, self._check_connection)
        setopt(pycurl.HEADERFUNCTION, self.answer.take_line)
        setopt(pycurl.WRITEFUNCTION, self.answer.take_body)
        setopt(pycurl.TIMEOUT_MS, milliseconds)
        setopt(pycurl.FRESH_CONNECT, anew)
        setopt(pycurl.URL, job.target.url)
        setopt(pycurl.RESOLVE, [job.target.pin + route.text])
        self._load_message(job)

    def _load_message(self, job: Job[Token]) -> None:
        setopt = self.handle.setopt
        if job.method == "HEAD":
            setopt(pycurl.NOBODY, 1)
        elif job.method == "GET" and not job.body:
            setopt(pycurl.HTTPGET, 1)
        else:
            setopt(pycurl.POST, 1)
            setopt(pycurl.POSTFIELDS, job.body)
            if job.method != "POST":
                setopt(pycurl.CUSTOMREQUEST, job.method)
        setopt(pycurl.HTTPHEADER, job.header_lines)

    def unload(self) -> None:
        """Let go of the request and of everything that was set for it."""
        self.handle.reset()
        del self.job, self.route, self.answer

    @property
    def failure(self) -> HttpError | None:
        """Why we ended the transfer ourselves, or None."""
        return self._refusal or self.answer.failure

    def _open_socket(self, purpose: int, target: pycurl.CurlSockAddr) -> int:
        """Open a socket after judging, once more, the very address that it will connect to."""
        try:
            address = ip_address(str(target.addr[0]))
            if address not in self.route.addresses or self._policy.refusal(address) is not None:
                return self._refuse(address)
            self._opened = True
            # Detached, since it is libcurl that closes it.
            return socket.socket(target.family, target.socktype, target.protocol).detach()
        except OSError as error:
            self._refusal = connection_failed(self.job.target.host, error.strerror)
        except (ValueError, IndexError):
            self._refusal = connection_failed(self.job.target.host, None)
        return pycurl.SOCKET_BAD

    def _check_connection(self, address: str, own_address: str, port: int, own_port: int) -> int:
        """Have nothing sent over a connection that is neither new nor quiet; called by libcurl."""
        if self._opened or self._kept.quiet((address, port, own_port)):
            return pycurl.PREREQFUNC_OK
        self.spoiled = True
        return pycurl.PREREQFUNC_ABORT

    def left_in_order(self, address: str) -> None:
        """Note that the connection, to ``address``, may be used again, unless there is more to read.

        To be called while the handle is still in its multi handle.
        """
        descriptor = self.handle.getinfo(pycurl.ACTIVESOCKET)
        if descriptor < 0:
            return
        received = None
        if self.job.target.encrypted:
            received = bytes_received(descriptor)
            if not self._read_to_the_end():
                return
        own_port = self.handle.getinfo(pycurl.LOCAL_PORT)
        self._kept.remember((address, self.job.target.port, own_port), descriptor, received)

    def _read_to_the_end(self) -> bool:
        """Return whether nothing follows the answer on its encrypted connection, or else drop it.

        Over TLS, libcurl reads ahead: what came in one piece with the answer is in its memory and no
        longer in the socket, and would be the answer to the next request. ``recv`` looks there. It
        wants CONNECT_ONLY, under which libcurl closes the connection when the handle leaves it.
        """
        self.handle.setopt(pycurl.CONNECT_ONLY, 1)
        try:
            self.handle.recv(1)
        except BlockingIOError:
            self.handle.setopt(pycurl.CONNECT_ONLY, 0)
            return True
        except pycurl.error:
            return False
        return False

    def _refuse(self, address: Address) -> int:
        logger.warning(
            "http.address_refused",
            extra={
                "host": self.job.target.host,
                "address": str(address),
                "reason": "not among those that were judged",
            },
        )
        self._refusal = AddressRefusedError(
            f"{self.job.target.host} leads to an address that requests may not be sent to"
        )
        return pycurl.SOCKET_BAD


def _refuse_lookup(*_: object) -> int:
    """Keep libcurl from asking a name server itself: every address it needs was given to it."""
    return 1
