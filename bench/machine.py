"""The machine of a run in words, and when that was."""

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bench.processes import ROOT, run_to_end
from bench.servers import find

PEERS = ("celery", "redis", "django-webhook", "requests", "django-scim2", "gunicorn")


def describe(postgresql_version: str) -> dict[str, str | int | float]:
    """Return processor, memory and the versions of everything that takes part."""
    return {
        "cpu": cpu_model(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.freedesktop_os_release()["PRETTY_NAME"],
        "python": platform.python_version(),
        "postgresql": postgresql_version,
        "sqlite": sqlite3.sqlite_version,
        "redis_server": first_version(run_to_end((find("redis-server"), "--version"))),
        **pinned(Path(ROOT, "bench/peers/requirements.txt").read_text(encoding="utf-8")),
    }


def occasion() -> dict[str, str]:
    """Return the day of a run, in UTC, and the commit that was measured."""
    commit = run_to_end(("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")).strip()
    return {"date": datetime.now(UTC).date().isoformat(), "commit": commit}


def cpu_model(text: str) -> str:
    """Return the model that /proc/cpuinfo names, or the kind of processor."""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def first_version(text: str) -> str:
    """Return the first thing in ``text`` that looks like a version."""
    found = re.search(r"\d+(\.\d+)+", text)
    return found[0] if found else "unknown"


def pinned(requirements: str) -> dict[str, str]:
    """Return the versions of the peers' main packages."""
    lines = (line.partition("==") for line in requirements.splitlines())
    return {name: version for name, _, version in lines if name in PEERS}
