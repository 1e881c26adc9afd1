"""What the request under way may still use: time and bytes."""

import time
from dataclasses import dataclass
from datetime import timedelta

from core.http import failures
from core.http.errors import DeadlineError

MAX_TIMEOUT = timedelta(hours=1)
MAX_CONNECTION_AGE = timedelta(minutes=5)
DEFAULT_MAX_RESPONSE_BYTES = 65_536
MAX_RESPONSE_HEADERS_BYTES = 65_536
# Chunks of a single byte take six bytes on the wire; whoever needs more is not sending content.
WIRE_BYTES_PER_BODY_BYTE = 8


@dataclass(slots=True, kw_only=True)
class Exchange:
    """The limits of one request and its answer, shared by everything that touches the wire.

    A session belongs to one thread and does one request at a time, so its connections and sockets
    share one Exchange, which begins anew with every request.
    """

    host: str = ""
    address: str = ""
    caller: str = ""
    _deadline: float = 0.0
    _bytes_left: int = 0

    def begin(self, *, host: str, deadline: float, caller: str) -> None:
        """Start a request to ``host`` that ends at ``deadline`` on the monotonic clock."""
        self.host = host
        self.address = ""
        self.caller = caller
        self._deadline = deadline
        self._bytes_left = MAX_RESPONSE_HEADERS_BYTES

    def allow_body(self, max_bytes: int) -> None:
        """Let a body of ``max_bytes`` in, with its framing, now that the headers are there."""
        self._bytes_left = MAX_RESPONSE_HEADERS_BYTES + max_bytes * WIRE_BYTES_PER_BODY_BYTE

    def seconds_left(self) -> float:
        """Return how long the next operation may take; raise DeadlineError when time is up."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self.overdue()
        return left

    def overdue(self) -> DeadlineError:
        """Return the error for a request that ran out of time."""
        return failures.overdue(self.host)

    def count_received(self, size: int) -> None:
        """Book ``size`` bytes from the wire; raise MalformedResponseError when it is too much."""
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise failures.too_long(self.host)
