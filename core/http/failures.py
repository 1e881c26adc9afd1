"""What went wrong on the wire, in the words that every client of this package uses. Pure."""

from core.http.errors import (
    DeadlineError,
    InvalidUrlError,
    MalformedResponseError,
    TlsError,
    UnreachableError,
)


def overdue(host: str) -> DeadlineError:
    """Return the error for an exchange that ran out of time."""
    return DeadlineError(f"{host} did not complete its answer in time")


def lookup_overdue(host: str) -> DeadlineError:
    """Return the error for a name that nobody told the addresses of in time."""
    return DeadlineError(f"the name {host} could not be looked up in time")


def not_resolved(host: str) -> UnreachableError:
    """Return the error for a name that nobody knows."""
    return UnreachableError(f"the name {host} could not be resolved")


def unreadable_url(host: str) -> InvalidUrlError:
    """Return the error for a URL that the library that sends reads differently than we do."""
    return InvalidUrlError(f"the URL of {host} cannot be read")


def no_address(host: str) -> UnreachableError:
    """Return the error for a name that exists and leads nowhere."""
    return UnreachableError(f"the name {host} has no address")


def hung_up(host: str) -> UnreachableError:
    """Return the error for a peer that closed the connection before it said anything."""
    return UnreachableError(f"{host} hung up without an answer")


def closed(host: str) -> UnreachableError:
    """Return the error for a connection that the peer gave up."""
    return UnreachableError(f"{host} closed the connection")


def connection_failed(host: str, reason: str | None) -> UnreachableError:
    """Return the error for a connection that did not come about, or was lost."""
    return UnreachableError(f"the connection to {host} failed: {reason or 'lost'}")


def not_http(host: str) -> MalformedResponseError:
    """Return the error for an answer in another language."""
    return MalformedResponseError(f"what {host} answered is not an HTTP response")


def broken(host: str) -> MalformedResponseError:
    """Return the error for an answer that cannot be read to its end."""
    return MalformedResponseError(
        f"the answer of {host} is broken or ends before its announced length"
    )


def too_long(host: str) -> MalformedResponseError:
    """Return the error for an answer with too much around its content."""
    return MalformedResponseError(
        f"the headers or the framing of the answer of {host} are too long"
    )


def switched(host: str) -> MalformedResponseError:
    """Return the error for a peer that leaves HTTP after its headers."""
    return MalformedResponseError(f"{host} switched to another protocol without being asked")


def untrusted(host: str, reason: str) -> TlsError:
    """Return the error for a certificate that does not prove what it should."""
    return TlsError(f"the certificate of {host} is not trusted: {reason}")


def not_encrypted(host: str, detail: str = "") -> TlsError:
    """Return the error for a TLS handshake that failed for ``detail``."""
    return TlsError(
        f"no encrypted connection to {host} came about" + (f": {detail}" if detail else "")
    )
