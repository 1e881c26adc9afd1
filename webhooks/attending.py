"""A worker that stays: it hands out events and sends deliveries the moment they are committed.

It is a task of django-q2 that lasts for minutes and then makes room for its successor. There are at
most ``settings.DELIVERY_PROCESSES`` of them in the whole installation; SQLite, which has one writer
at a time, has one. A worker that has more to do than it can do calls for another one.
"""

import logging
import resource
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from core import events, wakeups
from core.bells import Bell
from core.worker import stopping
from webhooks.delivery import Drain
from webhooks.dispatch import DELIVER_TASK
from webhooks.dispatching import AFTER_FAILURE_SECONDS, Dispatcher
from webhooks.inbound.reception import PROCESS_TASK
from webhooks.models.subscription import MAX_TIMEOUT_SECONDS
from webhooks.statements import plans_by_index

TASKS = (events.DISPATCH_TASK, DELIVER_TASK, PROCESS_TASK)
LINGER_SECONDS = 1.0
ATTEND_SECONDS = 1.0
LOOK_SECONDS = 1.0
TICK_SECONDS = 0.02
LEAVE_SECONDS = 5.0
LONGEST_LEAVE_SECONDS = float(MAX_TIMEOUT_SECONDS)

logger = logging.getLogger(__name__)


def attend(*, longest: timedelta) -> int:
    """Do the work of ``TASKS`` as it comes, for ``longest`` at most; return how many attempts.

    Returns at once when there is no seat left. Ends early, and in good order, when the
    worker is asked to end. When the database is away for a while it goes on afterwards, with what
    the tables say.
    """
    number = wakeups.take_seat(DELIVER_TASK, _seats())
    if number is None:
        return 0
    _allow_connections()
    seat = _Seat(number=number)
    # The same after a loss of the database: what was held before is let go of at once.
    owner = uuid4()
    attempts = 0
    ends_at = time.monotonic() + longest.total_seconds()
    try:
        while time.monotonic() < ends_at and not stopping():
            try:
                attempts += _stay(seat, ends_at, owner)
            except (OperationalError, InterfaceError):
                logger.warning("webhook.database_lost", exc_info=True)
                connection.close()
                time.sleep(AFTER_FAILURE_SECONDS)
    finally:
        seat.hand_over()
    return attempts


def _stay(seat: "_Seat", ends_at: float, owner: UUID) -> int:
    with (
        plans_by_index(),
        Bell() as bell,
        Dispatcher() as dispatcher,
        Drain(linger=LINGER_SECONDS, owner=owner) as drain,
    ):
        attendant = _Attendant(drain=drain, bell=bell, dispatcher=dispatcher, seat=seat)
        while time.monotonic() < ends_at and not stopping():
            attendant.turn()
        attendant.finish()
        return drain.attempts


def _allow_connections() -> None:
    """Let this process have as many connections open as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _seats() -> int:
    if connection.vendor != "postgresql":
        return 1
    # One worker is left for everything else.
    return max(1, min(int(settings.DELIVERY_PROCESSES), int(settings.Q_CLUSTER["workers"]) - 1))


@dataclass(slots=True, kw_only=True)
class _Seat:
    """One of the places for workers that stay."""

    number: str
    _kept: bool = True

    def hand_over(self) -> None:
        """Make room for a successor and call it, unless that has been done."""
        if not self._kept:
            return
        self._kept = False
        wakeups.leave_seat(self.number)
        if not stopping():
            wakeups.call(DELIVER_TASK)


class _Attendant:
    """One stay of a worker."""

    def __init__(self, *, drain: Drain, bell: Bell, dispatcher: Dispatcher, seat: _Seat) -> None:
        self._drain = drain
        self._bell = bell
        self._dispatcher = dispatcher
        self._seat = seat
        self._beat_at = self._look_at = 0.0

    def turn(self) -> None:
        """Do what there is to do, and wait a moment for more."""
        at = time.monotonic()
        if self._bell.rang() or at >= self._look_at:
            self._look_at = at + LOOK_SECONDS
            if self._dispatcher.call():
                self._look_at = at
            self._drain.look()
        if at >= self._beat_at:
            self._beat_at = at + ATTEND_SECONDS
            self._beat()
        self._drain.work()
        listening = self._bell.fileno()
        ticking = self._drain.restless or listening is None
        self._drain.wait(TICK_SECONDS if ticking else LOOK_SECONDS, wake_on=listening)

    def finish(self) -> None:
        """Take on nothing more, and let what is on its way come back.

        Whoever is asked to end has little time for that: the rest is sent again by others.
        """
        self._drain.take_leave()
        self._seat.hand_over()
        begun_at = time.monotonic()
        while self._drain.busy:
            patience = LEAVE_SECONDS if stopping() else LONGEST_LEAVE_SECONDS
            if time.monotonic() >= begun_at + patience:
                return
            self._drain.work()
            self._drain.wait(TICK_SECONDS)

    def _beat(self) -> None:
        wakeups.attend([*TASKS, self._seat.number])
        if self._drain.full and wakeups.has_free_seat(DELIVER_TASK, _seats()):
            wakeups.call(DELIVER_TASK)
