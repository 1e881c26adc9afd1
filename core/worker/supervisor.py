"""Starts a cluster, watches it, and puts a new one in its place when it dies or does not work.

The supervisor itself has no thread, no lock and no connection to the database: nothing that
could make it stand still.
"""

import logging
import multiprocessing
import os
import signal
import time
from datetime import timedelta

from django.conf import settings

from core.worker import cluster
from core.worker.board import Board
from core.worker.judgment import Judge
from core.worker.limits import Limits
from core.worker.processes import adopt_orphans, bury_orphans, end_descendants, is_stopped

logger = logging.getLogger(__name__)

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
# Taken one by one where the supervisor waits (sigtimedwait(2)), so none can come at a bad moment.
SIGNALS = STOP_SIGNALS | {signal.SIGCHLD}


def supervise(limits: Limits) -> int:
    """Run clusters, one after the other, until asked to stop; return the exit code.

    To be called in the main thread of a process without connections to the database: the cluster
    is forked from it. Needs Linux.
    """
    adopt_orphans()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        return _Supervisor(limits).run()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Cluster:
    """A running cluster, seen from its supervisor."""

    def __init__(self, *, again: bool) -> None:
        self.board = Board(settings.Q_CLUSTER["workers"])
        self._started_at = time.monotonic()
        self._process = multiprocessing.get_context("fork").Process(
            target=_be_cluster, args=(self.board, os.getpid()), kwargs={"again": again}
        )
        self._process.start()

    @property
    def number(self) -> int:
        """The number of its sentinel's process."""
        return self._process.pid or 0

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._started_at)

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    def stopped_processes(self) -> list[int]:
        return [number for number in self.board.processes if is_stopped(number)]

    def end(self) -> None:
        """End what is left of it: nothing may go on working beside the next one."""
        if left := end_descendants():
            logger.error("worker.processes_left", extra={"pids": left})
            return
        self._process.join()
        bury_orphans(but=0)


def _be_cluster(board: Board, supervisor: int, *, again: bool) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    cluster.run(board, supervisor, again=again)


class _Supervisor:
    """The loop around the clusters."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def run(self) -> int:
        failures = 0
        again = False
        while True:
            current = _Cluster(again=again)
            logger.info("worker.cluster_started", extra={"pid": current.number})
            problem = self._watch(current)
            if problem is None:
                self._stop(current)
                return 0
            current.end()
            again = True
            failures = 1 if current.age >= self._limits.steady else failures + 1
            if failures >= self._limits.failures:
                extra = {"reason": problem, "clusters": failures}
                logger.error("worker.gave_up", extra=extra)
                return 1
            if self._pauses(problem, self._limits.pause_after(failures)):
                return 0

    def _watch(self, current: _Cluster) -> str | None:
        """Return what is wrong with the cluster once something is, or None when asked to stop."""
        judge = Judge(current.board, self._limits)
        while _next_signal(self._limits.look) not in STOP_SIGNALS:
            bury_orphans(but=current.number)
            if current.exit_code is not None:
                return _explained(current.exit_code)
            if problem := judge.look(time.monotonic(), current.stopped_processes()):
                return problem
        return None

    def _pauses(self, problem: str, pause: timedelta) -> bool:
        """Wait before the next cluster; say whether it was asked to stop meanwhile."""
        extra = {"reason": problem, "pause_seconds": pause.total_seconds()}
        logger.error("worker.cluster_restarting", extra=extra)
        return _asked_to_stop_within(pause)

    def _stop(self, current: _Cluster) -> None:
        """Let the tasks end, for a while; a second signal ends them at once."""
        current.board.ask_to_stop()
        deadline = time.monotonic() + self._limits.grace.total_seconds()
        while current.exit_code is None:
            left = timedelta(seconds=deadline - time.monotonic())
            if left <= timedelta() or _next_signal(min(left, self._limits.look)) in STOP_SIGNALS:
                logger.warning("worker.tasks_killed", extra={"pid": current.number})
                break
            bury_orphans(but=current.number)
        current.end()
        logger.info("worker.stopped", extra={"pid": current.number})


def _next_signal(patience: timedelta) -> int | None:
    """Return the next of ``SIGNALS``, or None when none has come in time."""
    found = signal.sigtimedwait(SIGNALS, max(patience.total_seconds(), 0.0))
    return None if found is None else found.si_signo


def _asked_to_stop_within(pause: timedelta) -> bool:
    deadline = time.monotonic() + pause.total_seconds()
    while (left := deadline - time.monotonic()) > 0:
        if _next_signal(timedelta(seconds=left)) in STOP_SIGNALS:
            return True
    return False


def _explained(exit_code: int) -> str:
    if exit_code == cluster.UNTRUSTED:
        return "one of its processes was killed"
    if exit_code < 0:
        return f"the process that guards the others was ended by {signal.Signals(-exit_code).name}"
    return f"the process that guards the others has ended with exit code {exit_code}"
