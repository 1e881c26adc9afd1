"""The servers beside the database that a run starts for itself: nginx and Redis."""

import http.client
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from bench.errors import BenchError
from bench.processes import Program, run_to_end, running

START_SECONDS = 20.0
POLL_SECONDS = 0.02
# Where Debian keeps programs that are not in everybody's PATH.
SYSTEM_FOLDERS = "/usr/sbin:/sbin"
PACKAGES = {"nginx": "nginx-light", "redis-server": "redis-server"}
LOCAL = "127.0.0.1"
NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_buffer_size 64k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
{listeners}
    location / {{ return 204; }}
    location = /status {{ stub_status; }}
  }}
}}
"""


def find(program: str) -> str:
    """Return the path of ``program``, installing it on Debian for root; else raise BenchError."""
    path = os.environ.get("PATH", os.defpath) + os.pathsep + SYSTEM_FOLDERS
    found = shutil.which(program, path=path)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        run_to_end(("apt-get", "update", "-qq"))
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
        run_to_end((*install, PACKAGES[program]), {"DEBIAN_FRONTEND": "noninteractive"})
        found = shutil.which(program, path=path)
    if found is None:
        raise BenchError(
            f"{program} is not installed (Debian: apt-get install {PACKAGES[program]})."
        )
    return found


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.create_server((LOCAL, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass(slots=True, kw_only=True)
class Nginx:
    """A receiver that accepts everything with 204, at many addresses of this machine."""

    hosts: tuple[str, ...]
    port: int
    _asked: int = field(default=0)

    def urls(self) -> list[str]:
        """Return a URL at each address."""
        return [f"http://{host}:{self.port}/hook" for host in self.hosts]

    def requests(self) -> int:
        """Return how many requests it has had, without the questions of this method."""
        self._asked += 1
        with closing(http.client.HTTPConnection(self.hosts[0], self.port, timeout=10)) as asking:
            asking.request("GET", "/status")
            status = asking.getresponse().read().decode()
        counted = re.search(r"^ \d+ \d+ (\d+)", status, re.MULTILINE)
        if counted is None:
            raise BenchError(f"nginx counts its requests in an unknown way: {status}")
        return int(counted[1]) - self._asked


@contextmanager
def nginx(folder: Path, addresses: int) -> Iterator[Nginx]:
    """Run nginx with its files in ``folder``, listening at so many addresses of 127.0.0.0/8.

    Each receiver of webhooks has an address of its own, as in life: connections are not shared.
    """
    program = find("nginx")
    place = folder / f"nginx-{uuid4().hex}"
    place.mkdir(mode=0o755)
    hosts = tuple(f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(addresses))
    server = Nginx(hosts=hosts, port=free_port())
    listeners = "\n".join(f"    listen {host}:{server.port} backlog=4096;" for host in hosts)
    configuration = place / "nginx.conf"
    configuration.write_text(NGINX.format(folder=place, listeners=listeners), encoding="utf-8")
    words = (program, "-p", str(place), "-c", str(configuration), "-e", str(place / "error.log"))
    with running("nginx", words, place / "output") as process:
        wait_for_port(hosts[-1], server.port, process)
        yield server


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run an empty Redis that keeps nothing on disk; yield its URL."""
    program = find("redis-server")
    place = folder / f"redis-{uuid4().hex}"
    place.mkdir()
    port = free_port()
    words = [program, "--bind", LOCAL, "--port", str(port), "--dir", str(place)]
    words += ["--save", "", "--appendonly", "no"]
    with running("Redis", words, place / "log") as process:
        wait_for_port(LOCAL, port, process)
        yield f"redis://{LOCAL}:{port}/0"


@contextmanager
def refusing() -> Iterator[str]:
    """Yield a URL at which every connection is refused; nobody else gets its port meanwhile."""
    with socket.socket() as held:
        held.bind((LOCAL, 0))
        yield f"http://{LOCAL}:{held.getsockname()[1]}/hook"


def wait_for_port(host: str, port: int, program: Program) -> None:
    """Return when ``program`` listens; raise BenchError when it ends, or does not in time."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError as error:
            program.check()
            if time.monotonic() > deadline:
                raise BenchError(f"{program.name} does not listen at {host}:{port}.") from error
            time.sleep(POLL_SECONDS)
        else:
            return
