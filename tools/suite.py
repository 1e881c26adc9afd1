"""Run the tests on SQLite and on a PostgreSQL server of their own, and say what ran."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType

from tools import environment, postgresql

DATABASES = ("sqlite", "postgresql")
# One more than there are processors: while a test waits for other processes, the next one works.
PROCESSORS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
WORKERS = PROCESSORS + 1
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "--dist", "worksteal")
# What touches no database is run on the first one, and would only be repeated on the next.
WITHOUT_DATABASE = (
    "tests/bench",
    "tests/core/expressions",
    "tests/core/http",
    "tests/core/templating",
    "tests/core/validation",
    "tests/scim/profiles",
    "tests/tools",
    "tests/webhooks/inbound/schemes",
)
# The tests start hundreds of processes: none of them shall compile what another one has.
BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
INTERRUPTED = 128 + signal.SIGINT
NO_SERVER = (
    "no PostgreSQL server programs found in /usr/lib/postgresql/*/bin"
    " (Debian: apt-get install postgresql)"
)
INTERRUPT_LIMIT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the tests ended on one database; ``summary`` is the line to show for it."""

    database: str
    exit_code: int
    summary: str


def run(databases: Sequence[str], arguments: Sequence[str], server: Path | None) -> int:
    """Run pytest on each database and print one closing line for each; return the exit code.

    ``server`` is the folder of PostgreSQL's programs. Without it PostgreSQL is left out, with a
    clear line; asked for alone, its absence is a failure.
    """
    outcomes = []
    for database in databases:
        if database == "sqlite":
            outcomes.append(_on_sqlite(arguments))
        elif server:
            repeated = again(arguments) if outcomes else arguments
            outcomes.append(_on_postgresql(server, repeated))
        else:
            exit_code = 0 if outcomes else 1
            outcomes.append(_outcome("PostgreSQL", exit_code, f"SKIPPED, {NO_SERVER}"))
    print()
    for outcome in outcomes:
        print(f"== {outcome.database}: {outcome.summary}", flush=True)
    return max(outcome.exit_code for outcome in outcomes)


def again(arguments: Sequence[str]) -> Sequence[str]:
    """Return what to tell pytest on a further database; whoever names tests gets those."""
    return arguments or [f"--ignore={folder}" for folder in WITHOUT_DATABASE]


def _outcome(database: str, exit_code: int, summary: str) -> Outcome:
    return Outcome(database=database, exit_code=exit_code, summary=summary)


def _on_sqlite(arguments: Sequence[str]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="patchbay-tests-") as folder:
        return _pytest("SQLite", f"sqlite:///{folder}/patchbay.sqlite3", arguments)


def _on_postgresql(server: Path, arguments: Sequence[str]) -> Outcome:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgresql.throwaway_cluster(server))
        except postgresql.ClusterError as error:
            return _outcome("PostgreSQL", 1, f"FAILED, {error}")
        return _pytest("PostgreSQL", url, arguments)


def _pytest(database: str, url: str, arguments: Sequence[str]) -> Outcome:
    """Run pytest with an environment that no ``.env`` and no shell has a say in."""
    print(f"\n== {database}: running the tests", flush=True)
    color = "yes" if sys.stdout.isatty() else "no"
    command = [*PYTEST, f"--color={color}", *arguments]
    variables = environment.fresh() | {"DATABASE_URL": url, "ENV_FILE": os.devnull} | BYTECODE
    started = time.monotonic()
    with subprocess.Popen(
        command, env=os.environ | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as child:
        try:
            closing = _echo(child)
            exit_code = child.wait()
        finally:
            _end(child)
    seconds = round(time.monotonic() - started)
    summary = closing or f"no result after {seconds} s (exit code {exit_code})"
    return _outcome(database, exit_code, summary)


def _echo(child: subprocess.Popen[bytes]) -> str:
    """Pass on what the tests print, as it comes; return the last line with something on it."""
    tail = b""
    while child.stdout and (chunk := os.read(child.stdout.fileno(), 4096)):
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        tail = (tail + chunk)[-4096:]
    lines = [line.strip() for line in tail.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let interrupted tests clean up after themselves, but not for ever."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGINT)
    try:
        child.wait(INTERRUPT_LIMIT.total_seconds())
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _terminated(number: int, frame: FrameType | None) -> None:
    """Turn a request to end into an exception, so that servers and folders are cleaned up."""
    raise KeyboardInterrupt


def main() -> int:
    """Read the command line: databases, then ``--`` and what pytest is to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="+", choices=DATABASES)
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:end])
    os.chdir(Path(__file__).resolve().parent.parent)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return run(options.databases, words[end + 1 :], postgresql.find_binaries())
    except KeyboardInterrupt:
        print("\n== interrupted", flush=True)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
