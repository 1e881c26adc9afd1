"""A receiver of webhooks on this machine, for people who develop an integration."""

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from webhooks import signing

MAX_BODY_BYTES = 5 * 1024 * 1024
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it arrived. Header names are lower-case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime

    def as_text(self) -> str:
        """Return the request as people read it: start line, headers, body (JSON indented)."""
        lines = [f"{self.method} {self.path}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([*lines, "", self._pretty_body()])

    def _pretty_body(self) -> str:
        text = self.body.decode("utf-8", "replace")
        try:
            return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except ValueError:
            return text


def verification(received: Received, key: str) -> str:
    """Return "" when a Standard Webhooks signature was made with ``key``, else the reason."""
    try:
        signing.verify(
            [key],
            message_id=received.headers.get("webhook-id", ""),
            timestamp=received.headers.get("webhook-timestamp", ""),
            signatures=received.headers.get("webhook-signature", ""),
            body=received.body,
            now=received.received_at,
        )
    except (signing.VerificationError, signing.SecretError) as error:
        return str(error)
    return ""


class Receiver:
    """An HTTP server on 127.0.0.1 that keeps what it receives and answers ``status_code``.

    Use it as a context manager; ``port`` 0 takes any free port.
    """

    def __init__(self, port: int = 0, status_code: int = 204) -> None:
        self._requests: queue.Queue[Received] = queue.Queue()
        handler = _handler_class(self._requests.put, status_code)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
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


def _handler_class(
    keep: Callable[[Received], None], status_code: int
) -> type[BaseHTTPRequestHandler]:
    """Return a handler that answers every method alike."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
                self.send_error(413)
                return
            keep(
                Received(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(int(length)),
                    received_at=datetime.now(UTC),
                )
            )
            self.send_response(status_code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
            """Say nothing: whoever uses the receiver prints what arrives."""

    return Handler
