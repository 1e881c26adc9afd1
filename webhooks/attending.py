"""A worker that stays: it hands out events and sends deliveries the moment they are committed.

It is a task of django-q2 that lasts for minutes and then makes room for its successor. There are at
most ``settings.DELIVERY_PROCESSES`` of them in the whole installation; SQLite, which has one writer
at a time, has one. A worker that has more to do than it can do calls for another one.
"""

import logging
import resource
import time
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django_q.tasks import async_task

from core import events, wakeups
from core.bells import Bell
from core.errors import DispatchFailedError
from core.worker import stopping
from webhooks.delivery import Drain
from webhooks.dispatch import DELIVER_TASK

TASKS = (events.DISPATCH_TASK, DELIVER_TASK)
LINGER_SECONDS = 1.0
ATTEND_SECONDS = 1.0
LOOK_SECONDS = 1.0
TICK_SECONDS = 0.02
LEAVE_SECONDS = 5.0
AFTER_FAILURE_SECONDS = 2.0

logger = logging.getLogger(__name__)


def attend(*, longest: timedelta) -> int:
    """Do the work of ``TASKS`` as it comes, for ``longest`` at most; return how many attempts.

    Returns at once when there is no seat left. Ends early, and in good order, when the
    worker is asked to end. When the database is away for a while it goes on afterwards, with what
    the tables say.
    """
    seat = wakeups.take_seat(DELIVER_TASK, _seats())
    if seat is None:
        return 0
    _allow_connections()
    attempts = 0
    ends_at = time.monotonic() + longest.total_seconds()
    while time.monotonic() < ends_at and not stopping():
        try:
            attempts += _stay(seat, ends_at)
        except (OperationalError, InterfaceError):
            logger.warning("webhook.database_lost", exc_info=True)
            connection.close()
            time.sleep(AFTER_FAILURE_SECONDS)
    wakeups.leave_seat(seat)
    if not stopping():
        async_task(DELIVER_TASK)
    return attempts


def _stay(seat: str, ends_at: float) -> int:
    with Bell() as bell, Drain(linger=LINGER_SECONDS) as drain:
        attendant = _Attendant(drain=drain, bell=bell, seat=seat)
        while time.monotonic() < ends_at and not stopping():
            attendant.turn()
        attendant.finish()
        return drain.attempts


def _allow_connections() -> None:
    """Let this process have as many connections open as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _seats() -> int:
    return int(settings.DELIVERY_PROCESSES) if connection.vendor == "postgresql" else 1


class _Attendant:
    """One stay of a worker."""

    def __init__(self, *, drain: Drain, bell: Bell, seat: str) -> None:
        self._drain = drain
        self._bell = bell
        self._seat = seat
        self._beat_at = self._look_at = self._dispatch_at = 0.0

    def turn(self) -> None:
        """Do what there is to do, and wait a moment for more."""
        at = time.monotonic()
        if self._bell.rang() or at >= self._look_at:
            self._look_at = at + LOOK_SECONDS
            self._dispatch(at)
            self._drain.look()
        if at >= self._beat_at:
            self._beat_at = at + ATTEND_SECONDS
            self._beat()
        self._drain.work()
        listening = self._bell.fileno()
        ticking = self._drain.restless or listening is None
        self._drain.wait(TICK_SECONDS if ticking else LOOK_SECONDS, wake_on=listening)

    def finish(self) -> None:
        """Take on nothing more, and give what is on its way a moment to come back."""
        self._drain.leaving = True
        ends_at = time.monotonic() + LEAVE_SECONDS
        while self._drain.busy and time.monotonic() < ends_at:
            self._drain.work()
            self._drain.wait(TICK_SECONDS)

    def _dispatch(self, at: float) -> None:
        """Hand out one batch of each tenant's events; one that fails is left alone for a while."""
        if at < self._dispatch_at:
            return
        try:
            more = events.dispatch_once()
        except DispatchFailedError:
            logger.exception("events.dispatch_failed")
            self._dispatch_at = at + AFTER_FAILURE_SECONDS
            return
        if more:
            self._look_at = at

    def _beat(self) -> None:
        wakeups.attend([*TASKS, self._seat])
        if self._drain.full and wakeups.has_free_seat(DELIVER_TASK, _seats()):
            async_task(DELIVER_TASK)
