"""Sockets that keep to the limits of an Exchange.

A timeout of Python's sockets starts again with every call, so a peer that sends a byte a second
would never meet it. These sockets spend one common time, whoever calls them and however often.
Failures leave them as our own errors: the layers above would wrap them beyond recognition.
"""

import socket
import ssl
from typing import TYPE_CHECKING

from core.http import failures
from core.http.errors import HttpError
from core.http.exchange import Exchange

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class ExchangeSocket(socket.socket):
    """A TCP socket that spends the time and the bytes of ``exchange``.

    Without an exchange, as during a TLS handshake, the timeout that was set last is in force.
    """

    exchange: Exchange | None = None

    def recv_into(
        self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0
    ) -> int:
        self._spend()
        try:
            size = super().recv_into(buffer, nbytes or 0, flags)
        except OSError as error:
            raise self._translated(error) from error
        if self.exchange is not None:
            self.exchange.count_received(size)
        return size

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        self._spend()
        try:
            return super().send(data, flags)
        except (BrokenPipeError, ConnectionResetError):
            raise  # urllib3 then looks whether the peer answered before it hung up
        except OSError as error:
            raise self._translated(error) from error

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        self._spend()
        try:
            super().sendall(data, flags)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except OSError as error:
            raise self._translated(error) from error

    def _spend(self) -> None:
        if self.exchange is not None:
            self.settimeout(self.exchange.seconds_left())

    def _translated(self, error: OSError) -> HttpError:
        exchange = self.exchange or Exchange()
        if isinstance(error, TimeoutError):
            return exchange.overdue()
        return connection_error(error, exchange.host)


class ExchangeTlsSocket(ExchangeSocket, ssl.SSLSocket):
    """The same over TLS. Made by an SSLContext, which knows it as its ``sslsocket_class``."""


def connection_error(error: OSError, host: str) -> HttpError:
    """Return ``error``, met on a connection to ``host``, as one of our errors."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return failures.untrusted(host, error.verify_message)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return failures.closed(host)
    if isinstance(error, ssl.SSLError):
        detail = (error.reason or "protocol error").replace("_", " ").lower()
        return failures.not_encrypted(host, detail)
    if isinstance(error, ConnectionResetError):
        return failures.closed(host)
    return failures.connection_failed(host, error.strerror)
