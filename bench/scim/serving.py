"""The two who are asked: the product, and a project that serves its users with django-scim2."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import servers
from bench.assignments import Message
from bench.databases import Database
from bench.peering import PYTHON as PEERS_PYTHON
from bench.processes import python, run_to_end, running
from bench.scim.assignments import (
    Assignment,
    Directory,
    Filling,
    Load,
    Mixture,
    Verification,
    as_json,
    write,
)
from bench.sizes import PROCESSES
from bench.stage import Stage

WEB_THREADS = 4
IN_FLIGHT = PROCESSES * WEB_THREADS
TENANT = "bench"
LIMIT_SECONDS = 600.0
TASKS = {Filling: "filling", Load: "load", Mixture: "mixture", Verification: "verification"}
# Nothing is left out: each request is counted. There is just room for all of them.
REQUESTS_PER_MINUTE = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A directory that is served, and the folder for what is written down about it."""

    name: str
    directory: Directory
    database: Database
    folder: Path

    def ask(self, given: Assignment) -> Message:
        """Have requests sent and every answer checked; return how long it took.

        Raises BenchError for the first answer that is wrong.
        """
        path = self.folder / f"{self.name}.json"
        write(self.directory, path)
        words = python("-m", "bench.scim", TASKS[type(given)], str(path), as_json(given))
        log = self.folder / f"{self.name}-requests.log"
        with running(f"client of the {self.name}", words, log, talking=True) as program:
            program.wait_until_ready()
            program.begin()
            told: Message = program.result(LIMIT_SECONDS)
        return told


@contextmanager
def product(stage: Stage) -> Iterator[Served]:
    """Serve the product's directory, filled over SCIM."""
    sizes, port = stage.sizes.directory, servers.free_port()
    with stage.postgresql.database() as database:
        variables = stage.on(database) | {
            "PUBLIC_URL": f"http://{servers.LOCAL}:{port}",
            "SCIM_RATE_LIMIT_PER_MINUTE": str(REQUESTS_PER_MINUTE),
        }
        run_to_end(python("manage.py", "create_tenant", TENANT), variables)
        words = python("manage.py", "scim_enable", TENANT, "--profile", "generic", "--json")
        opened = json.loads(run_to_end(words, variables))
        directory = Directory(base_url=opened["base_url"], token=opened["token"])
        words = python(*_gunicorn("config.wsgi", port))
        with running("web server", words, stage.folder / "web.log", variables) as program:
            servers.wait_for_port(servers.LOCAL, port, program)
            served = Served(
                name="product", directory=directory, database=database, folder=stage.folder
            )
            filling = Filling(users=sizes.users, members=sizes.members, in_flight=IN_FLIGHT)
            made = served.ask(filling)
            yield replace(served, directory=_filled(directory, made, sizes.members))


@contextmanager
def peer(stage: Stage) -> Iterator[Served]:
    """Serve the peer's directory, filled by its own models: over SCIM it would take too long."""
    sizes, port = stage.sizes.directory, servers.free_port()
    token = secrets.token_urlsafe()
    with stage.postgresql.new() as database:
        variables = {
            "PEER_DATABASE_URL": database.url,
            "PEER_ADDRESS": f"{servers.LOCAL}:{port}",
            "PEER_TOKEN": token,
            "DJANGO_SETTINGS_MODULE": "bench.peers.directory.settings",
        }
        filling = ("-m", "bench.peers.directory", str(sizes.users), str(sizes.members))
        made = json.loads(run_to_end((str(PEERS_PYTHON), *filling), variables))
        base_url = f"http://{servers.LOCAL}:{port}/scim/v2"
        directory = _filled(Directory(base_url=base_url, token=token), made, sizes.members)
        words = (
            *(str(PEERS_PYTHON), *_gunicorn("bench.peers.directory.wsgi", port)),
            *("--config", "python:bench.peers.directory.serving"),
        )
        with running("peer", words, stage.folder / "peer-web.log", variables) as program:
            servers.wait_for_port(servers.LOCAL, port, program)
            yield Served(name="peer", directory=directory, database=database, folder=stage.folder)


def _gunicorn(application: str, port: int) -> tuple[str, ...]:
    """Return the words by which both are served alike."""
    return (
        *("-m", "gunicorn", application, "--bind", f"{servers.LOCAL}:{port}"),
        *("--workers", str(PROCESSES), "--threads", str(WEB_THREADS), "--preload"),
    )


def _filled(directory: Directory, made: Message, members: int) -> Directory:
    return replace(directory, users=tuple(made["users"]), group=made["group"], members=members)
