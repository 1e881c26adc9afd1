"""django-q2's cluster, which notes on a board what it does and gives up when it must.

The tree is: the supervisor, its child the sentinel, and the sentinel's children, which are the
workers, the pusher (database → queue of tasks) and the monitor (queue of results → database).
"""

import logging
import os
import signal
import time
import uuid
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, NoReturn

from django.conf import settings
from django.db import DatabaseError
from django_q.cluster import Sentinel
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.worker import worker

from core import schedules, wakeups
from core.worker.board import Board, Seat, take_part
from core.worker.processes import die_with, have_children_die_with_this
from core.worker.timer import Timer

logger = logging.getLogger(__name__)

# How the sentinel ends when the queues cannot be trusted any more (sysexits.h: EX_SOFTWARE).
UNTRUSTED = 70
STOP_POLL_SECONDS = 0.05
# After this time nobody believes any more that a worker which has died attends to anything.
FORGOTTEN_SECONDS = 10.0
# How long a worker whose task took too long gets to hand in that result.
HAND_IN_SECONDS = 2.0


def resume() -> None:
    """Have done at once what a killed worker may have left behind.

    Raises DatabaseError when nobody can be told.
    """
    schedules.catch_up()
    for task in settings.SAFETY_NET_TASKS:
        wakeups.answered(task)
        wakeups.wake(task)


def _resume_if_possible() -> None:
    """Do the same where a database that is away must not hinder: the clock finds the work later."""
    try:
        resume()
    except DatabaseError:
        logger.warning("worker.resume_failed", exc_info=True)


def run(board: Board, supervisor: int, *, again: bool) -> None:
    """Be the sentinel of a cluster until asked to stop.

    ``again``: a cluster before this one has left things behind.
    """
    die_with(supervisor)
    have_children_die_with_this()
    take_part(board)
    board.sentinel.process = os.getpid()
    if again:
        _resume_if_possible()
    WatchedSentinel(board)


class WatchedQueue:
    """One of django-q2's queues, as one process uses it; its seat gets to know."""

    def __init__(self, queue: Any, seat: Seat) -> None:
        self._queue = queue
        self._seat = seat

    def get(self) -> Any:
        # From here on it may have the lock of the queue, until it is busy.
        self._seat.busy = 0
        try:
            item = self._queue.get()
        finally:
            self._seat.received += 1  # one that cannot be read is gone as well
        self._seat.busy = 1
        return item

    def put(self, item: Any) -> None:
        self._seat.busy = 0
        self._queue.put(item)
        self._seat.sent += 1


class WatchedResults(WatchedQueue):
    """The queue of results, as a worker uses it."""

    def put(self, item: dict[str, Any]) -> None:
        """Hand in a finished task.

        django-q2 would lose a result that cannot be pickled, and so run its task for ever.
        """
        try:
            ForkingPickler.dumps(item)
        except Exception as error:  # noqa: BLE001  # whatever the result's own code may raise
            problem = f"The result cannot be kept: {type(error).__name__}: {error}"
            item |= {"success": False, "result": problem}
        super().put(item)


class WatchedEvent:
    """The event that ends the pusher, which looks at it in every turn."""

    def __init__(self, event: Any, seat: Seat) -> None:
        self._event = event
        self._seat = seat

    def is_set(self) -> bool:
        self._seat.turns += 1
        return bool(self._event.is_set())


class StartNote:
    """Tells the board that the cluster has started, in the place of django-q2's event."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def is_set(self) -> bool:
        return self._board.started

    def set(self) -> None:
        self._board.note_start()


class StopNote:
    """Reads on the board that the cluster shall stop, in the place of django-q2's event.

    Setting an event waits for whoever waits for it: for ever, when that process is stopped.
    """

    def __init__(self, board: Board) -> None:
        self._board = board

    def is_set(self) -> bool:
        return self._board.stopping

    def wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._board.stopping and time.monotonic() < deadline:
            time.sleep(STOP_POLL_SECONDS)
        return self._board.stopping


class WatchedSentinel(Sentinel):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's sentinel, which does not go on with queues that it cannot trust."""

    def __init__(self, board: Board) -> None:
        self.board = board
        # Whatever was killed before this one may still count as attending to its work.
        self.resume_at: float | None = time.monotonic() + FORGOTTEN_SECONDS
        # This runs the cluster from its start to its end.
        super().__init__(StopNote(board), StartNote(board), uuid.uuid4())

    def status(self) -> str:
        # Asked for in every turn, while guarding and while stopping.
        self.board.sentinel.turns += 1
        if self.resume_at is not None and time.monotonic() >= self.resume_at:
            self.resume_at = None
            _resume_if_possible()
        return str(super().status())

    def spawn_pusher(self) -> BaseProcess:
        seat = self.board.pusher
        seat.turns += 1  # a new one has just gone round, whatever kept the one before it
        tasks = WatchedQueue(self.task_queue, seat)
        event = WatchedEvent(self.event_out, seat)
        return self._seated(seat, pusher, tasks, event, self.broker)

    def spawn_monitor(self) -> BaseProcess:
        seat = self.board.monitor
        return self._seated(seat, monitor, WatchedQueue(self.result_queue, seat), self.broker)

    def spawn_worker(self) -> None:
        seat = next(seat for seat in self.board.workers if not seat.process)
        tasks = WatchedQueue(self.task_queue, seat)
        results = WatchedResults(self.result_queue, seat)
        self._seated(seat, worker, tasks, results, Timer(), self.timeout)

    def _seated(self, seat: Seat, target: Any, *arguments: Any) -> BaseProcess:
        seat.busy = 0
        process: BaseProcess = self.spawn_process(target, *arguments)
        seat.process = process.pid or 0
        logger.info(
            "worker.process_started",
            extra={"role": target.__name__, "pid": process.pid},
        )
        return process

    def reincarnate(self, process: BaseProcess) -> None:
        """Replace a process that has ended, or a worker whose task takes too long.

        Ends the whole cluster when the process was killed at a moment at which it may have had a
        lock: the one who gets killed cannot let go of it, and nobody else can. A worker that is
        killed in the middle of a task, or the monitor while it writes to the database, has none.
        """
        seat = self.board.seat_of(process.pid)
        if seat is not None:
            if process.is_alive() and not seat.busy:
                # It has ended its task itself, too late, and has yet to hand in that it did.
                process.join(HAND_IN_SECONDS)
            if not seat.busy and (process.exitcode or 0) < 0:
                self._give_up(process)
            if seat.busy and seat in self.board.workers:
                # Whatever it attended to, nobody does any more, though it may still count so.
                _resume_if_possible()
                self.resume_at = time.monotonic() + FORGOTTEN_SECONDS
            seat.process = 0
        super().reincarnate(process)

    def _give_up(self, process: BaseProcess) -> NoReturn:
        killed_by = signal.Signals(-(process.exitcode or 0)).name
        logger.error(
            "worker.process_killed",
            extra={"pid": process.pid, "signal": killed_by},
        )
        # At once: an orderly end would wait for the queues. The kernel ends the other processes.
        os._exit(UNTRUSTED)
