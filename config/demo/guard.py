"""``guard.py PROGRAM ARGUMENT...``: run a program for as long as whoever asked for it is alive.

Standard input is a leash: its other end is held by the starter, who writes nothing. When that end
closes, because the starter let go of it or was killed, the program is asked to end; after a grace
period its whole process group is killed. What a program leaves behind goes with it.

Only the standard library is used, so that this starts in no time.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

LEASH = 0
GRACE_SECONDS = 5.0
SIGNALED = 128


def main() -> int:
    """Run the program; return its exit code, 128 and the number for one that a signal ended."""
    program = subprocess.Popen(  # noqa: S603  # our own programs with our own arguments
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        # A listening socket may have been handed down for the program.
        close_fds=False,
        start_new_session=True,
    )
    threading.Thread(target=_end_with_starter, args=(program.pid,), daemon=True).start()
    exit_code = program.wait()
    with suppress(ProcessLookupError, PermissionError):  # usually nothing is left
        os.killpg(program.pid, signal.SIGKILL)
    return exit_code if exit_code >= 0 else SIGNALED - exit_code


def _end_with_starter(process_id: int) -> None:
    """Wait until the leash is let go, then end the program."""
    # Not through sys.stdin, whose lock a waiting thread would keep from the interpreter's end.
    while os.read(LEASH, 1):
        pass
    os.kill(process_id, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(process_id, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
