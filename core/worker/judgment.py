"""Whether a cluster still works, from what its processes have noted.

Busy is not stuck: a task may take minutes, and all workers may have one. So the time since
something happened says nothing by itself. What counts is the time in which there was something
to do *and* someone to do it, and it was not done.
"""

from dataclasses import dataclass
from datetime import timedelta

from core.worker.board import Board
from core.worker.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that must go on while it is ``owed``; ``progress`` changes when it does."""

    owed: bool
    progress: int
    patience: timedelta
    # What to tell the operator when it does not go on.
    complaint: str


class Judge:
    """Looks at a board again and again, and says when the cluster does not work any more."""

    def __init__(self, board: Board, limits: Limits) -> None:
        self._board = board
        self._limits = limits
        self._last_look: float | None = None
        self._progress: dict[str, int] = {}
        self._waited: dict[str, timedelta] = {}

    def look(self, now: float, stopped: list[int]) -> str | None:
        """Return what is wrong, or None.

        ``now`` is in seconds on the monotonic clock; ``stopped`` are the processes of the cluster
        that are stopped by a signal.
        """
        step = self._step(now)
        duties = _duties(self._board, self._limits, stopped)
        for duty in duties:
            self._count(duty, step)
        overdue = (duty for duty in duties if self._waited[duty.complaint] >= duty.patience)
        return next((duty.complaint for duty in overdue), None)

    def _step(self, now: float) -> timedelta:
        """Return how much time to count since the last look.

        That is never much more than there should be between two looks: when the supervisor itself
        was stopped, or the machine slept, the cluster has probably stood still as well.
        """
        since = 0.0 if self._last_look is None else now - self._last_look
        self._last_look = now
        return min(timedelta(seconds=since), 2 * self._limits.look)

    def _count(self, duty: Duty, step: timedelta) -> None:
        name = duty.complaint
        unchanged = self._progress.get(name) == duty.progress
        waited = self._waited.get(name, timedelta())
        self._waited[name] = waited + step if duty.owed and unchanged else timedelta()
        self._progress[name] = duty.progress


def _duties(board: Board, limits: Limits, stopped: list[int]) -> tuple[Duty, ...]:
    pushed = board.pusher.sent
    taken = sum(seat.received for seat in board.workers)
    finished = sum(seat.sent for seat in board.workers)
    noted = board.monitor.received
    idle = any(not seat.busy for seat in board.workers)
    return (
        Duty(
            owed=bool(stopped),
            progress=0,
            patience=limits.stopped,
            complaint="a process is stopped by a signal",
        ),
        Duty(
            owed=True,
            progress=board.sentinel.turns,
            patience=limits.patience,
            complaint="the process that guards the others does not go round",
        ),
        # The pusher waits for room in the queue of tasks while all workers are busy.
        Duty(
            owed=idle,
            progress=board.pusher.turns,
            patience=limits.patience,
            complaint="no tasks are fetched although a worker is idle",
        ),
        Duty(
            owed=idle and pushed > taken,
            progress=taken,
            patience=limits.patience,
            complaint="tasks wait although a worker is idle",
        ),
        Duty(
            owed=finished > noted,
            progress=noted,
            patience=limits.patience,
            complaint="finished tasks are not acknowledged",
        ),
    )
