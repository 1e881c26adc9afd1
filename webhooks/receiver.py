"""A receiver of webhooks on this machine, for people who develop an integration."""

import json
import queue
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from core import strict_json
from webhooks import signing

MAX_BODY_BYTES = 5 * 1024 * 1024
POLL_SECONDS = 0.1
# A sender that falls silent gets no answer, and its connection is closed.
SILENCE_SECONDS = 30.0
# Content-Length as RFC 9110, 8.6 has it; longer ones are too large in any case.
LENGTH = re.compile(r"[0-9]{1,15}")
# RFC 9110, 8.6: these carry no Content-Length.
BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it arrived. Header names are lower-case; repeated ones are joined by commas."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime

    def as_text(self) -> str:
        r"""Return the request as people read it: start line, headers, body (JSON indented).

        What could steer a terminal is shown as an escape, such as ``\x1b``.
        """
        lines = [f"{self.method} {self.path}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return _harmless("\n".join([*lines, "", self._pretty_body()]))

    def _pretty_body(self) -> str:
        try:
            return json.dumps(strict_json.loads(self.body), indent=2, ensure_ascii=False)
        except strict_json.StrictJsonError:
            return self.body.decode("utf-8", "replace")


def verification(received: Received, key: str) -> str:
    """Return "" when a Standard Webhooks signature was made with ``key``, else the reason.

    Raises SecretError when ``key`` is malformed.
    """
    try:
        signing.verify(
            [key],
            message_id=received.headers.get("webhook-id", ""),
            timestamp=received.headers.get("webhook-timestamp", ""),
            signatures=received.headers.get("webhook-signature", ""),
            body=received.body,
            now=received.received_at,
        )
    except signing.VerificationError as error:
        return str(error)
    return ""


def check_key(key: str) -> None:
    """Raise SecretError unless signatures can be verified with ``key``."""
    with suppress(signing.VerificationError):
        signing.verify(
            [key], message_id="", timestamp="", signatures="", body=b"", now=datetime.now(UTC)
        )


class Receiver:
    """An HTTP server on 127.0.0.1 that keeps what it receives and answers ``status_code``.

    Use it as a context manager; ``port`` 0 takes any free port. A port that cannot be taken
    raises OSError.
    """

    def __init__(self, port: int = 0, status_code: int = 204) -> None:
        self._requests: queue.Queue[Received] = queue.Queue()
        self._server = _Server(("127.0.0.1", port), _handler_class(self._requests.put, status_code))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
        )

    @property
    def url(self) -> str:
        """The address to send to; every path under it is accepted."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next(self, timeout: timedelta | None = None) -> Received | None:
        """Return the next request, waiting for it; None when ``timeout`` passes first."""
        try:
            return self._requests.get(timeout=timeout.total_seconds() if timeout else None)
        except queue.Empty:
            return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Many deliveries may arrive at the same moment.
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about senders that broke off in the middle."""


def _handler_class(
    keep: Callable[[Received], None], status_code: int
) -> type[BaseHTTPRequestHandler]:
    """Return a handler that answers every method alike."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = SILENCE_SECONDS

        def handle_one(self) -> None:
            body = self._body()
            if body is None:
                return
            received = Received(
                method=self.command,
                path=self.path,
                headers=_joined(self.headers.items()),
                body=body,
                received_at=datetime.now(UTC),
            )
            try:
                self.send_response(status_code)
                if status_code not in BODILESS:
                    self.send_header("Content-Length", "0")
                self.end_headers()
            finally:  # afterwards, for whoever has seen enough ends the program
                keep(received)

        def _body(self) -> bytes | None:
            """Read the body; answer 4xx and return None when there is no way to."""
            if "Transfer-Encoding" in self.headers:
                self.send_error(411, "Send the body with Content-Length, not in chunks")
                return None
            lengths = set(self.headers.get_all("Content-Length", ["0"]))
            length = lengths.pop()
            if lengths or not LENGTH.fullmatch(length):
                self.send_error(400, "Content-Length is not one number")
                return None
            if int(length) > MAX_BODY_BYTES:
                self.send_error(413, f"The body may have at most {MAX_BODY_BYTES} bytes")
                return None
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self.send_error(400, "The body is shorter than Content-Length says")
                return None
            return body

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
            """Say nothing: whoever uses the receiver prints what arrives."""

    return Handler


def _joined(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return header fields by lower-case name (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _harmless(text: str) -> str:
    """Escape all that is not meant to be seen, such as control characters."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else ascii(letter)[1:-1]
        for letter in text
    )
