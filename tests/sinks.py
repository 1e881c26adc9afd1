"""Receivers of webhooks for tests: real servers on 127.0.0.1 that answer as they are told."""

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import pytest


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a sink answers, after ``delay`` seconds."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    # Sends back the request's own headers and body, as debugging services do.
    echo: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived. Header names are lower-case; ``at`` is on the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # More senders at the same moment than are let in would wait for a second.
    request_queue_size = 128


class Sink:
    """Answers its ``answers`` one after the other, and the last one from then on."""

    def __init__(self, answers: Sequence[Answer] = (Answer(),)) -> None:
        self.answers = list(answers)
        self.requests: list[Seen] = []
        self.arrived: queue.Queue[Seen] = queue.Queue()
        self.concurrent = self.most_concurrent = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                sink._serve(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Stay silent."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        seen = Seen(
            method=handler.command,
            path=handler.path,
            headers={name.lower(): value for name, value in handler.headers.items()},
            body=body,
        )
        with self._lock:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            self.requests.append(seen)
            self.concurrent += 1
            self.most_concurrent = max(self.most_concurrent, self.concurrent)
        self.arrived.put(seen)
        self._stopping.wait(answer.delay)
        with self._lock:
            self.concurrent -= 1
        self._write(handler, answer, seen)

    def _write(self, handler: BaseHTTPRequestHandler, answer: Answer, seen: Seen) -> None:
        body = answer.body
        if answer.echo:
            body = str(seen.headers).encode() + seen.path.encode() + seen.body
        try:
            handler.send_response(answer.status)
            for name, value in answer.headers.items():
                handler.send_header(name, value)
            if answer.status != 204:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            handler.close_connection = True  # the client has given up waiting


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A receiver that accepts everything with 204."""
    with Sink() as started:
        yield started


def free_port() -> int:
    """Return a port on which nothing listens."""
    with Sink() as started:
        return int(started.url.rpartition(":")[2])


def wait_until(condition: Any, seconds: float = 60.0) -> None:
    """Return as soon as ``condition()`` holds; fail when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)
