"""Trees of processes, as Linux shows and ends them: ``/proc`` (proc(5)) and prctl(2)."""

import ctypes
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# How long the kernel may take to end what was killed; a process that hangs in a device does not.
END_SECONDS = 10.0
POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process at the moment of the look."""

    number: int
    parent: int
    # One letter: R running, S sleeping, T stopped by a signal, Z ended and not yet waited for.
    state: str


def find(number: int) -> Process | None:
    """Return the process of this number, or None when there is none."""
    try:
        line = Path(f"/proc/{number}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The name of the program, in parentheses, may hold anything, also parentheses.
    state, parent = line.rpartition(")")[2].split()[:2]
    return Process(number=number, parent=int(parent), state=state)


def is_stopped(number: int) -> bool:
    """Say whether this process is stopped by a signal (not: by a debugger)."""
    process = find(number)
    return process is not None and process.state == "T"


def descendants(ancestor: int) -> list[int]:
    """Return the numbers of the living processes that ``ancestor`` has started, at any remove."""
    children: dict[int, list[Process]] = {}
    for folder in os.listdir("/proc"):  # noqa: PTH208  # a Path for each process costs more
        if folder.isdecimal() and (process := find(int(folder))):
            children.setdefault(process.parent, []).append(process)
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        for process in children.get(waiting.pop(), []):
            waiting.append(process.number)
            if process.state not in "ZX":
                found.append(process.number)
    return found


def end_descendants() -> list[int]:
    """Kill every process that descends from this one; return those that do not end.

    Found by descent and not by process group, so that what a task has started in a group of its
    own goes too; see ``adopt_orphans``.
    """
    deadline = time.monotonic() + END_SECONDS
    while left := descendants(os.getpid()):
        if time.monotonic() > deadline:
            return left
        for number in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    return []


def adopt_orphans() -> None:
    """Have processes whose parent dies become children of this one, if they descend from it."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def bury_orphans(but: int) -> None:
    """Wait for adopted processes that have ended, as a parent must; not for ``but``."""
    with suppress(ChildProcessError):
        # WNOWAIT: whose end this is must be known before it is taken from who waits for it.
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == but:
                return
            os.waitpid(ended.si_pid, 0)


def die_with(parent: int) -> None:
    """Have this process killed when ``parent``, its parent, ends in whatever way.

    The kernel does it, at once, also to a process that is stopped or stuck.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it has ended before the kernel knew


def have_children_die_with_this() -> None:
    """Have processes that are forked by this one, from its main thread, die with it.

    What those start in turn is their own affair.
    """
    this = os.getpid()
    forking = [0]

    def note() -> None:
        forking[0] = os.getpid()

    def tie() -> None:
        if forking[0] == this:
            die_with(this)

    os.register_at_fork(before=note, after_in_child=tie)


def _prctl(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
