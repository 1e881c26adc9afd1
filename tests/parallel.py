"""Doing things at the same time, in threads and in processes, on the test database."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from django.db import connection, connections

Result = TypeVar("Result")

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60


def in_threads(count: int, work: Callable[[int], Result]) -> list[Result]:
    """Run ``work(0)`` … ``work(count - 1)`` at once, each with a database connection of its own."""
    start = threading.Barrier(count)

    def run(number: int) -> Result:
        try:
            start.wait(PATIENCE_SECONDS)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def in_processes(count: int, code: str) -> list[str]:
    """Run ``code`` in processes with Django set up; return what each printed.

    ``number`` is 0 … ``count`` - 1. A process that fails fails the test.
    """
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup(); number = {number}\n{code}"],
            cwd=ROOT,
            env=os.environ | environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        return [_printed_by(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _printed_by(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    return output.strip()


def environment() -> dict[str, str]:
    """Return what makes another process use the test database."""
    return {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": _database_url()}


def _database_url() -> str:
    """Return the test database as the settings read it."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = at["USER"] + (f":{at['PASSWORD']}" if at["PASSWORD"] else "")
    return f"postgres://{login}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"
