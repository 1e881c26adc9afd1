"""What the processes of a cluster note for their supervisor, in memory that they share.

There is no lock: a process that is killed would take it along. Each number is written by one
process at a time, in one store of 8 aligned bytes, so a reader never sees half of it. Numbers of
different moments may be read together; the supervisor believes only what stays so for long.
"""

import ctypes
import mmap


class Seat(ctypes.Structure):
    """The place of one process; whoever replaces the process goes on counting there."""

    _fields_ = [
        ("process", ctypes.c_int64),
        ("busy", ctypes.c_int64),
        ("turns", ctypes.c_int64),
        ("received", ctypes.c_int64),
        ("sent", ctypes.c_int64),
    ]
    # Its number, 0 while the place is free.
    process: int
    # 1 from when it has got something from its queue until it is done with that. In between it
    # waits for no queue, and has no lock of the queue that it reads.
    busy: int
    # How often it has gone round, for a process that never waits for long.
    turns: int
    # How much it has got from its queue, and how much it has put into one.
    received: int
    sent: int


class _Head(ctypes.Structure):
    _fields_ = [("started", ctypes.c_int64), ("stopping", ctypes.c_int64)]


class Board:
    """The notes of one cluster. To be made before its processes, which inherit it by ``fork``."""

    def __init__(self, worker_count: int) -> None:
        fixed, seat = ctypes.sizeof(_Head), ctypes.sizeof(Seat)
        # Nobody closes it: the memory goes with the last process that has it.
        memory = mmap.mmap(-1, fixed + (3 + worker_count) * seat)
        self._head = _Head.from_buffer(memory)
        seats = [Seat.from_buffer(memory, fixed + n * seat) for n in range(3 + worker_count)]
        self.sentinel, self.pusher, self.monitor, *self.workers = seats

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes that there should be."""
        seats = (self.sentinel, self.pusher, self.monitor, *self.workers)
        return [seat.process for seat in seats if seat.process]

    def seat_of(self, process: int | None) -> Seat | None:
        """Return the seat of a worker, pusher or monitor, if this is one."""
        seats = (self.pusher, self.monitor, *self.workers)
        return next((seat for seat in seats if seat.process == process), None)

    @property
    def started(self) -> bool:
        """Whether every process of the cluster has been started."""
        return bool(self._head.started)

    def note_start(self) -> None:
        """Say that every process of the cluster has been started."""
        self._head.started = 1

    @property
    def stopping(self) -> bool:
        """Whether the cluster has been asked to end."""
        return bool(self._head.stopping)

    def ask_to_stop(self) -> None:
        """Ask the cluster to end. This cannot block, whatever state the cluster is in."""
        self._head.stopping = 1


class _Here:
    """The board that this process takes part in, if any."""

    board: Board | None = None


def take_part(board: Board) -> None:
    """Make ``board`` the one of this process, and of those that it starts."""
    _Here.board = board


def stopping() -> bool:
    """Say whether the worker that runs this has been asked to end.

    A task that stays for long asks this every second or so and ends early: the worker waits for
    its tasks only ``core.worker.limits.Limits.grace`` long. False outside of a worker.
    """
    return _Here.board is not None and _Here.board.stopping
