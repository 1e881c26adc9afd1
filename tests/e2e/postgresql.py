"""A PostgreSQL server of a test's own, which can be made to crash and be started again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.worker.processes import descendants, find
from tests.e2e.database import PostgreSQL
from tests.e2e.processes import PATIENCE_SECONDS
from tests.sinks import wait_until
from tools import postgresql

# A commit that was answered must be there after a crash of the server. That of the machine,
# against which fsync helps, is not what happens here.
OPTIONS = ("fsync=off", "max_connections=100")


class Server(PostgreSQL):
    """A server, and the one database in it that is used."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._account = postgresql._account()
        self._port = postgresql._free_port()
        password = postgresql._initialize(binaries, folder, self._account)
        self.name = "postgres"
        self.url = f"postgres://postgres:{password}@127.0.0.1:{self._port}/{self.name}"
        self._server_url = self.url
        self.start()

    def start(self) -> None:
        """Start it; return when it can be used."""
        self._process = postgresql._start(
            self._binaries, self._folder, self._port, self._account, OPTIONS
        )
        postgresql._wait(self._process, self.url, self._folder)

    def stop_at_once(self) -> None:
        """End it without any order, and every session with it (``pg_ctl stop -m immediate``)."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill every process of it (SIGKILL)."""
        processes = [self._process.pid, *descendants(self._process.pid)]
        for each in processes:
            os.kill(each, signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)
        wait_until(lambda: not any(map(find, processes)), PATIENCE_SECONDS)

    def drop(self) -> None:
        if self._process.poll() is None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """Run a server while the block runs."""
    made = Server(binaries, Path(tempfile.mkdtemp(prefix="patchbay-e2e-postgresql-")))
    try:
        yield made
    finally:
        made.drop()
