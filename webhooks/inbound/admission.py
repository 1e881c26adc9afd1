"""Whether an endpoint accepts a request: address, method, headers, signature. No writing."""

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from webhooks.inbound.arrival import Arrival, Trace
from webhooks.inbound.contents import media_type
from webhooks.inbound.keeping import OpenEndpoint
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Answer, Proof, RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that may come in; with an ``answer`` it only wanted that, and is not kept."""

    trace: Trace
    answer: Answer | None = None


def admit(endpoint: OpenEndpoint, arrival: Arrival, now: datetime) -> Admission:
    """Return the admission of a request, or raise RefusalError.

    The cheapest questions come first, and nothing is believed of a request that is not signed, where
    its sender can sign.
    """
    trace, secrets = Trace(), endpoint.secrets
    scheme, incoming = SCHEMES[endpoint.scheme], arrival.incoming
    options = scheme.filled(endpoint.options)
    _check_address(endpoint, arrival, trace)
    if answer := scheme.handshake(incoming, secrets, options):
        return Admission(trace=trace, answer=answer)
    if incoming.method not in endpoint.methods:
        raise RefusalError("method", f"{incoming.method} is not among the methods of the endpoint")
    _check_headers(endpoint, arrival, trace)
    if scheme.secret_required and not secrets:
        raise RefusalError("no_secret", "The endpoint has no secret, so nothing can be verified")
    tolerance = _tolerance(endpoint, scheme.tolerance)
    proof = scheme.verify(incoming, secrets, options, now=now, tolerance=tolerance)
    _note(proof, secrets, tolerance, now, trace)
    return Admission(trace=trace, answer=scheme.greeting(incoming))


def _tolerance(endpoint: OpenEndpoint, usual: timedelta | None) -> timedelta | None:
    if usual is None or endpoint.tolerance_seconds is None:
        return usual
    return timedelta(seconds=endpoint.tolerance_seconds)


def _check_address(endpoint: OpenEndpoint, arrival: Arrival, trace: Trace) -> None:
    if not endpoint.allowed_networks:
        return
    networks = _networks(endpoint.allowed_networks)
    if arrival.ip_address is None:
        raise RefusalError("ip_address", "The address of the sender is not known")
    address = ipaddress.ip_address(arrival.ip_address)
    if not any(address in network for network in networks):
        raise RefusalError("ip_address", f"{address} is not among the addresses allowed")
    trace.note(f"The address {address} is allowed")


@lru_cache(maxsize=1_024)
def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def _check_headers(endpoint: OpenEndpoint, arrival: Arrival, trace: Trace) -> None:
    for header in endpoint.expected_headers:
        name, wanted = header["name"], header["value"]
        given = arrival.incoming.headers.get(name.lower())
        if given is None:
            raise RefusalError("header", f"The header {name} is missing")
        if wanted and not _same(name, given, wanted):
            raise RefusalError("header", f"The header {name} has another value than expected")
        trace.note(f"The header {name} is as expected")


def _same(name: str, given: str, wanted: str) -> bool:
    if name.lower() == "content-type" and ";" not in wanted:
        given, wanted = media_type(given), media_type(wanted)
    return hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode())


def _note(
    proof: Proof,
    secrets: Sequence[str],
    tolerance: timedelta | None,
    now: datetime,
    trace: Trace,
) -> None:
    if secrets:
        trace.note(f"The signature matched secret {proof.secret} of {len(secrets)}")
    if proof.sent_at is None:
        return
    seconds = int(now.timestamp()) - proof.sent_at
    age = f"{seconds} s old" if seconds >= 0 else f"{-seconds} s in the future"
    allowed = f", of {tolerance.total_seconds():.0f} s allowed" if tolerance else ""
    trace.note(f"The timestamp was {age}{allowed}")
