"""What happens to every request before a view sees it."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    UnreadablePostError,
)
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from core import context
from core.api.envelope import error_response
from core.ids import new_id

TOKEN = re.compile(r"^[A-Za-z0-9._:-]{1,128}\Z")
# W3C Trace Context, 3.2.2: version ff, and ids of nothing but zeros, are invalid.
TRACEPARENT = re.compile(
    r"^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\Z"
)
MAX_LENGTH_DIGITS = 15
MAX_PROXIES = 10
PROBES = "/health/"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def correlation_id(request: HttpRequest, request_id: str) -> str:
    """Return the caller's ``X-Correlation-ID``, the trace id of its ``traceparent``, or our own id."""
    given = request.headers.get("X-Correlation-ID", "")
    if TOKEN.match(given):
        return given
    trace = TRACEPARENT.match(request.headers.get("traceparent", ""))
    return trace.group(1) if trace else request_id


def believe_proxy(request: HttpRequest) -> None:
    """Put the address of the client in the place of the proxy's, as the first of our proxies saw it.

    Each proxy adds whom it has heard from at the end. Read from there, the first address that is none
    of ``TRUSTED_PROXIES`` is the client's; what stands before it, the client may have made up.
    """
    if not settings.BEHIND_TLS_PROXY:
        return
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    if proxies and not _is_within(request.META.get("REMOTE_ADDR", ""), proxies):
        return
    hops = request.headers.get("X-Forwarded-For", "").rsplit(",", MAX_PROXIES)
    for hop in reversed(hops):
        if client := hop.strip():
            request.META["REMOTE_ADDR"] = client
        if not _is_within(client, proxies):
            return


@lru_cache(maxsize=4)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_within(text: str, networks: Iterable[Network]) -> bool:
    try:
        given = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    address = unmapped(given)
    return any(address in network for network in networks)


def unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return 192.0.2.1 for ::ffff:192.0.2.1, which it is, seen through a socket for both kinds.

    Source: RFC 4291, 2.5.5.2.
    """
    return getattr(address, "ipv4_mapped", None) or address


def ip_address(request: HttpRequest) -> str | None:
    """Return the peer's address as a database can hold it, or None for a Unix socket."""
    try:
        given = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return None
    return str(unmapped(given))


class RequestContextMiddleware:
    """Give the request its ids, answer them, and refuse what no view could use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        believe_proxy(request)
        given = request.headers.get("X-Request-ID", "")
        request_id = given if TOKEN.match(given) else new_id("req")
        current = context.RequestContext(
            request_id=request_id,
            correlation_id=correlation_id(request, request_id),
            ip_address=ip_address(request),
            path=request.path,
        )
        request.context = current  # type: ignore[attr-defined]  # for the log of the answer
        token = context.enter(current)
        try:
            response = self._refusal(request) or self.get_response(request)
            response.headers["X-Request-ID"] = current.request_id
            response.headers["X-Correlation-ID"] = current.correlation_id
            return response
        finally:
            context.leave(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a request whose body has not arrived whole: that is no fault of ours."""
        if not isinstance(exception, UnreadablePostError):
            return None
        return error_response(
            400, "INVALID_REQUEST", "The body ended before its Content-Length; send it again."
        )

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_response(400, "INVALID_REQUEST", "The URL contains a NUL character.")
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # Django reads no more than Content-Length says: such a body would be dropped unseen.
            return error_response(
                411, "LENGTH_REQUIRED", "Send the body with Content-Length, not in chunks."
            )
        return self._refusal_of_length(request.META.get("CONTENT_LENGTH") or "0")

    def _refusal_of_length(self, length: str) -> HttpResponse | None:
        if not (length.isascii() and length.isdecimal()):
            return error_response(400, "INVALID_REQUEST", "Content-Length is not a number.")
        if len(length) > MAX_LENGTH_DIGITS or int(length) > settings.MAX_BODY_BYTES:
            return error_response(
                413,
                "PAYLOAD_TOO_LARGE",
                f"The body may have at most {settings.MAX_BODY_BYTES} bytes.",
            )
        return None


class HostMiddleware(CommonMiddleware):
    """Refuse hosts that are not ours, except to load balancers, who probe by address."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path.startswith(PROBES):
            return None
        return super().process_request(request)
