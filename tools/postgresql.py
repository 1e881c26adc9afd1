"""A PostgreSQL server for one test run: made from nothing, thrown away at the end."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
PROGRAMS = ("initdb", "postgres")
UNPRIVILEGED = ("postgres", "nobody")
START_LIMIT = timedelta(seconds=60)
STOP_LIMIT = timedelta(seconds=20)
# Nothing of a test run needs to survive a power failure.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class ClusterError(Exception):
    """The server could not be made or did not start; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom the server runs as; empty for the current user."""

    user: int | None = None
    group: int | None = None


def find_binaries(folder: Path = DEBIAN_FOLDER) -> Path | None:
    """Return the folder with the newest server's programs, or None when there is none."""
    versions = [path for path in folder.glob("*/bin") if path.parent.name.isdigit()]
    candidates = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(answer.stdout.strip()))
    for candidate in candidates:
        if all((candidate / program).is_file() for program in PROGRAMS):
            return candidate
    return None


@contextmanager
def throwaway_cluster(binaries: Path, *, options: Sequence[str] = FORGETFUL) -> Iterator[str]:
    """Start a server in a temporary folder and yield its URL; stop and remove it at the end.

    Only this process knows its password; ``options`` are settings of the server. Raises
    ClusterError.
    """
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="patchbay-postgresql-"))
    try:
        password = _initialize(binaries, folder, account)
        port = _free_port()
        server = _start(binaries, folder, port, account, options)
        try:
            url = f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
            _wait(server, url, folder)
            yield url
        finally:
            _stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> Account:
    """Return whom to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user=entry.pw_uid, group=entry.pw_gid)
    raise ClusterError(f"run as root, but there is none of the users {', '.join(UNPRIVILEGED)}")


def _initialize(binaries: Path, folder: Path, account: Account) -> str:
    password = secrets.token_hex(16)
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="utf-8")
    if account.user is not None and account.group is not None:
        os.chown(folder, account.user, account.group)
        os.chown(password_file, account.user, account.group)
    command = [
        str(binaries / "initdb"),
        f"--pgdata={folder / 'data'}",
        f"--pwfile={password_file}",
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    made = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=account.user,
        group=account.group,
        extra_groups=_no_groups(account),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise ClusterError(f"initdb failed: {made.stderr.strip()}")
    return password


def _start(
    binaries: Path, folder: Path, port: int, account: Account, options: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that Ctrl-C does not take it from the tests."""
    command = [
        str(binaries / "postgres"),
        "-D",
        str(folder / "data"),
        "-c",
        f"port={port}",
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"unix_socket_directories={folder}",
    ]
    for option in options:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            user=account.user,
            group=account.group,
            extra_groups=_no_groups(account),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _no_groups(account: Account) -> list[int] | None:
    return None if account.user is None else []


def _wait(server: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    deadline = time.monotonic() + START_LIMIT.total_seconds()
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "log").read_text(encoding="utf-8", errors="replace")
                raise ClusterError(f"the server did not start: {log.strip()}") from error
            time.sleep(0.1)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and every session of it (a "fast shutdown")."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_LIMIT.total_seconds())
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
