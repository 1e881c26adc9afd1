"""Handing out events the moment they are committed, those of messages too, beside the sending.

On PostgreSQL that is a thread with a connection of its own: an event that is owed to ten thousand
subscriptions takes a while, in which others' deliveries go on being sent. SQLite has one writer at
a time; there the two take turns.
"""

import logging
import time
from datetime import timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Self

from django.db import InterfaceError, OperationalError, connection

from core import events
from core.errors import DispatchFailedError
from webhooks.inbound import processing
from webhooks.statements import plans_by_index

# Where the two take turns, nothing is sent meanwhile and no answer is read.
AT_ONCE = timedelta(milliseconds=200)
AFTER_FAILURE_SECONDS = 2.0
# What is in the middle of a batch then comes to its end, and takes up no other.
LONGEST_JOIN_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Dispatcher:
    """Hands out events for as long as its block runs, whenever it is called."""

    def __init__(self) -> None:
        self._called = Event()
        self._ended = Event()
        self._thread: Thread | None = None
        self._resting: dict[str, float] = {}

    def __enter__(self) -> Self:
        if connection.vendor == "postgresql":
            self._thread = Thread(target=self._stay, name="dispatcher", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join(LONGEST_JOIN_SECONDS)

    def call(self) -> bool:
        """Say that there may be events; return whether to call again at once."""
        if self._thread is None:
            return self._hand_out()
        self._called.set()
        return False

    def _stay(self) -> None:
        while not self._ended.is_set():
            try:
                with plans_by_index():
                    self._listen()
            except (OperationalError, InterfaceError):
                logger.warning("events.database_lost", exc_info=True)
            except Exception:  # the outermost loop: whatever it was, events go on being handed out
                logger.exception("events.dispatcher_failed")
            else:
                continue
            finally:
                connection.close()
            self._ended.wait(AFTER_FAILURE_SECONDS)

    def _listen(self) -> None:
        session = connection.connection
        # A connection that was made anew, after a loss, knows nothing of ``plans_by_index``.
        while not self._ended.is_set() and connection.connection is session:
            if not self._hand_out():
                self._called.wait()
                self._called.clear()

    def _hand_out(self) -> bool:
        """Hand out one batch of each tenant's events, and say whether there was any.

        Tenants with whom it failed are left alone for a while.
        """
        at = time.monotonic()
        self._resting = {tenant: until for tenant, until in self._resting.items() if until > at}
        try:
            received = processing.process(longest=AT_ONCE, but=self._resting)
            handed_out = events.dispatch_once(longest=AT_ONCE, but=self._resting)
            return bool(received or handed_out)
        except DispatchFailedError as error:
            rested_at = time.monotonic() + AFTER_FAILURE_SECONDS
            self._resting.update(dict.fromkeys(error.tenants, rested_at))
            return True
