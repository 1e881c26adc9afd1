"""How long a worker may still take for its task."""

import ctypes
import mmap
import os
import time
from contextlib import AbstractContextManager, nullcontext

IDLE = -1.0


class Timer:
    """Stands in the place of django-q2's timer, which is a number with a lock.

    A worker that is killed while it has that lock would make the sentinel wait for it for ever. Here
    the worker notes when its time will be over, and nobody has to count down: there is one writer,
    and so no lock. To be made by the sentinel, before the worker is forked.
    """

    def __init__(self) -> None:
        # Nobody closes it: the memory goes with the last process that has it.
        self._noted = ctypes.c_double.from_buffer(mmap.mmap(-1, ctypes.sizeof(ctypes.c_double)))
        self._noted.value = IDLE
        self._sentinel = os.getpid()

    def get_lock(self) -> AbstractContextManager[None]:
        """Return what django-q2 enters around several looks; there is nothing to lock."""
        return nullcontext()

    @property
    def value(self) -> float:
        """The seconds that are left; 0 when time is over, below 0 when no task is running."""
        noted = self._noted.value
        return noted if noted <= 0 else max(noted - time.monotonic(), 0.0)

    @value.setter
    def value(self, seconds: float) -> None:
        # The sentinel would count down what passes by itself.
        if os.getpid() != self._sentinel:
            self._noted.value = time.monotonic() + seconds if seconds > 0 else seconds
