"""A receiver that keeps senders waiting until it is told to answer."""

import queue
import threading
from http.server import BaseHTTPRequestHandler

from tests.e2e.processes import PATIENCE_SECONDS
from tests.sinks import Answer, Seen, Sink


class HoldingSink(Sink):
    """Answers nothing before ``release`` is called, and everything at once from then on.

    ``answered`` gets each request whose answer has been sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answered: queue.Queue[Seen] = queue.Queue()
        self._released = threading.Event()

    def release(self) -> None:
        self._released.set()

    def _write(self, handler: BaseHTTPRequestHandler, answer: Answer, seen: Seen) -> None:
        self._released.wait(PATIENCE_SECONDS)
        super()._write(handler, answer, seen)
        self.answered.put(seen)
