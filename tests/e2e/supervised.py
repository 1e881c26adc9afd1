"""A worker whose processes are known one by one, so that each can be killed or stopped."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.e2e.installation import Installation
from tests.e2e.processes import PATIENCE_SECONDS, Process, run_to_end
from tests.sinks import wait_until

# ``manage.py worker`` with other limits: seconds, and a number of failures.
LAUNCH = """
import json, sys, django
from datetime import timedelta
django.setup()
from django.core.management import call_command
from core.management.commands.worker import Command
from core.worker.limits import Limits
given = json.loads(sys.argv[1])
counts = {name: given.pop(name) for name in ["failures"] if name in given}
spans = {name: timedelta(seconds=seconds) for name, seconds in given.items()}
Command.limits = Limits(**counts, **spans)
call_command(Command())
"""
ENQUEUE = """
import sys, django
django.setup()
from django_q.tasks import async_task
for _ in range(int(sys.argv[1])):
    async_task(*sys.argv[3:], timeout=int(sys.argv[2]))
"""
QUEUED = """
import django
django.setup()
from django_q.models import OrmQ
for row in OrmQ.objects.all():
    print(row.func())
"""
WORKER_COUNT = 4
# Beside the workers: the supervisor, the sentinel, the pusher and the monitor.
PROCESS_COUNT = WORKER_COUNT + 4


class Supervised:
    """A running worker, by its log."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def number(self) -> int:
        """The process of the supervisor, which leads the group of all its processes."""
        return self._process._process.pid

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return what the log tells about each such event, oldest first."""
        logged = self._process.log.read_text("utf-8", "replace").splitlines()
        parsed = [json.loads(line) for line in logged if line.startswith("{")]
        return [line for line in parsed if line["event"] == event]

    def reasons(self) -> list[str]:
        """Return why clusters were replaced."""
        return [line["reason"] for line in self.lines("worker.cluster_restarting")]

    def is_up(self, clusters: int = 1) -> bool:
        """Say whether the last process of this many clusters has been started."""
        started = self.lines("worker.process_started")
        return [line["role"] for line in started].count("pusher") == clusters

    def processes(self, role: str) -> list[int]:
        """Return the living processes of a role."""
        if role == "sentinel":
            known = self.lines("worker.cluster_started")
        else:
            started = self.lines("worker.process_started")
            known = [line for line in started if line["role"] == role]
        return [line["pid"] for line in known if line["pid"] in self.left()]

    def hit(self, role: str, number: signal.Signals) -> None:
        """Send a signal to each living process of a role."""
        for process in self.processes(role):
            os.kill(process, number)

    def left(self) -> list[int]:
        """Return the processes of its group that have not ended."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(group) == self.number and state not in "ZX":
                    found.append(int(folder.name))
        return found

    def ask(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        os.kill(self.number, number)

    def end(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor alone; return its exit code."""
        self.ask(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until the supervisor has ended; return its exit code."""
        return self._process._process.wait(PATIENCE_SECONDS)


@contextmanager
def supervised(installation: Installation, **limits: float) -> Iterator[Supervised]:
    """Run a worker while the block runs, once all its processes have been started."""
    # The tasks of workers that were killed earlier would run again in the middle of this.
    installation.database.run("DELETE FROM django_q_ormq")
    process = Process(
        ["-c", LAUNCH, json.dumps(limits)],
        installation._variables
        | {"LOG_LEVEL": "INFO", "LOG_FORMAT": "json", "WORKER_PROCESSES": str(WORKER_COUNT)},
        installation._log("supervised"),
    )
    worker = Supervised(process)
    try:
        wait_until(worker.is_up, PATIENCE_SECONDS)
        yield worker
    finally:
        process.kill()
        wait_until(lambda: not worker.left(), PATIENCE_SECONDS)


def enqueue(
    installation: Installation, task: str, count: int, *arguments: str, timeout: int = 300
) -> None:
    """Queue a task of ``tests.e2e.tasks`` ``count`` times; each may take ``timeout`` seconds."""
    given = [str(count), str(timeout), f"tests.e2e.tasks.{task}", *arguments]
    run_to_end(["-c", ENQUEUE, *given], installation._variables)


def queued(installation: Installation) -> list[str]:
    """Return the tasks of the queue, those that are being worked on among them."""
    return run_to_end(["-c", QUEUED], installation._variables).split()


def marks(folder: Path, suffix: str) -> list[Path]:
    """Return what the tasks have left in ``folder``; the name starts with their process."""
    return sorted(folder.glob(f"*.{suffix}"))
