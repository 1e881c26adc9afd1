"""What libcurl says went wrong, as one of our own errors."""

import errno
import os
import re
from collections.abc import Callable

import pycurl

from core.http import failures
from core.http.errors import HttpError

_TLS = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_ENGINE_INITFAILED,
        pycurl.E_USE_SSL_FAILED,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_INVALIDCERTSTATUS,
    }
)
_LOST = frozenset({pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR})
# Codes that say everything. 100 is CURLE_TOO_LARGE, which pycurl has no name for, and "FTP weird
# server reply" is any weird server reply, whatever the protocol.
_SIMPLE: dict[int, Callable[[str], HttpError]] = {
    pycurl.E_OPERATION_TIMEDOUT: failures.overdue,
    pycurl.E_GOT_NOTHING: failures.hung_up,
    pycurl.E_PARTIAL_FILE: failures.broken,
    pycurl.E_UNSUPPORTED_PROTOCOL: failures.not_http,
    pycurl.E_FTP_WEIRD_SERVER_REPLY: failures.not_http,
    pycurl.E_BAD_CONTENT_ENCODING: failures.not_http,
    100: failures.too_long,
    pycurl.E_URL_MALFORMAT: failures.unreadable_url,
    pycurl.E_COULDNT_RESOLVE_HOST: failures.not_resolved,
}

_CERTIFICATE_REASON = re.compile(
    r"(?:SSL certificate problem|SSL certificate OpenSSL verify result): (.+?)(?: \([0-9]+\))?"
)
_TLS_REASON = re.compile(r"SSL routines:[^:]*:([^,]+)")
_TLS_HANG_UP = re.compile(r"unexpected eof|SSL_ERROR_SYSCALL|SSL_ERROR_ZERO_RETURN")
_SYSTEM_REASON = re.compile(r"(?:Recv|Send) failure: (.+)")
_HANG_UPS = frozenset(
    os.strerror(number) for number in (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)
)


def translated(
    code: int, message: str, *, system_error: int, host: str, literal: bool
) -> HttpError:
    """Return the error for ``code`` of libcurl, without repeating an address from ``message``.

    ``system_error`` is the errno that libcurl met last, or 0; ``literal`` tells that ``host`` is
    itself an address.
    """
    simple = _SIMPLE.get(code)
    if simple is not None:
        return simple(host)
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return _untrusted(message, host, literal=literal)
    if code in _LOST or code in _TLS:
        return _lost(code, message, host)
    return failures.connection_failed(host, os.strerror(system_error) if system_error else None)


def _lost(code: int, message: str, host: str) -> HttpError:
    of_system = _SYSTEM_REASON.match(message)
    of_tls = _TLS_REASON.search(message)
    if of_system is not None and of_system[1] not in _HANG_UPS:
        return failures.connection_failed(host, of_system[1])
    if of_system is not None or _TLS_HANG_UP.search(message) or code == pycurl.E_SEND_ERROR:
        return failures.closed(host)
    if code in _TLS or of_tls is not None:
        return failures.not_encrypted(host, of_tls[1].lower() if of_tls else "protocol error")
    # What is left is framing that libcurl could not make sense of.
    return failures.broken(host)


def _untrusted(message: str, host: str, *, literal: bool) -> HttpError:
    reason = _CERTIFICATE_REASON.fullmatch(message)
    if reason is not None:
        return failures.untrusted(host, reason[1])
    what = "IP address" if literal else "Hostname"
    return failures.untrusted(host, f"{what} mismatch, certificate is not valid for '{host}'.")
