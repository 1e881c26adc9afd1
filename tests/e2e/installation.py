"""An installation of its own: a database, a web server and a worker, with the tenant acme in it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.e2e.database import Database, empty
from tests.e2e.processes import PATIENCE_SECONDS, Process, run_to_end, running
from tests.makers import SCOPES
from tests.orders import ORDER_SCHEMA
from tests.sinks import wait_until
from tools import environment

READY_LINE = "worker.schedules_ensured"
# What an operator would type, in one process.
PREPARE = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_tenant", "acme", "--json")
call_command("create_api_key", "acme", "--json", "--scopes", *sys.argv[1:])
call_command("create_api_client", "acme", "--json", "--scopes", *sys.argv[1:])
"""
# django-q2 looks what is due whenever the turns of its guard add up to 30 seconds: here each does.
CLUSTER = """
import django
from django.conf import settings
settings.Q_CLUSTER["guard_cycle"] = 30
django.setup()
from django.core.management import call_command
call_command("qcluster")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How acme signs in: an API key, or an OAuth client."""

    key: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A running web server."""

    url: str
    process: Process

    @property
    def port(self) -> int:
        """The port of 127.0.0.1 at which it listens."""
        return int(self.url.rpartition(":")[2])


class Api:
    """The API as acme's own program sees it."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Return the answer, whatever it is. ``headers`` are written with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(
            method,
            f"{self.url}/api/v1{path}",
            json=body,
            headers=self.headers | given,
            timeout=PATIENCE_SECONDS,
        )

    def get(self, path: str) -> Any:
        """Return what is read at ``path``, which must be there."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Return what was created, which must have been."""
        answer = self.send("POST", path, body, **headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def define_orders(self) -> None:
        """Create the record type ``order``."""
        self.post(
            "/record-types",
            {"slug": "order", "name": "Order", "schema": ORDER_SCHEMA, "key_field": "number"},
        )

    def order(self, number: str, **headers: str) -> dict[str, Any]:
        """Create an order and return it."""
        body = {"data": {"number": number, "status": "new"}}
        created: dict[str, Any] = self.post("/records/order", body, **headers)
        return created

    @contextmanager
    def subscribed(self, url: str, **fields: Any) -> Iterator[dict[str, Any]]:
        """Yield a subscription to every event of orders, which goes with the block."""
        wanted = {"name": "Warehouse", "event_types": ["order.*"], "url": f"{url}/hook"}
        created = self.post("/webhooks/subscriptions", {**wanted, **fields})
        try:
            yield created
        finally:
            assert (
                self.send("DELETE", f"/webhooks/subscriptions/{created['id']}").status_code == 204
            )

    def deliveries(self) -> list[tuple[str, str, int]]:
        """Return id, state and number of attempts of each delivery, oldest first."""
        listed = self.get("/webhooks/deliveries?limit=100")["data"]
        return [(each["id"], each["state"], each["attempt_count"]) for each in reversed(listed)]


class Installation:
    """One database and the processes on it."""

    def __init__(
        self, folder: Path, database: Database, variables: dict[str, str], credentials: Credentials
    ) -> None:
        self.folder = folder
        self.database = database
        self.credentials = credentials
        self._variables = variables | {"DATABASE_URL": database.url}

    @contextmanager
    def web(self) -> Iterator[Web]:
        """Run a web server, once it is ready, while the block runs."""
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            process = Process(
                [
                    *("-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listener.fileno()}"),
                    *("--threads", "4", "--log-level", "warning", "--no-control-socket"),
                ],
                self._variables,
                self._log("web"),
                listener,
            )
        try:
            # The socket listens already: the first request waits until it can be answered.
            requests.get(f"{url}/health/ready", timeout=PATIENCE_SECONDS).raise_for_status()
            yield Web(url=url, process=process)
        finally:
            process.kill()

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """Run a worker, once it has nothing left to do at its start, while the block runs."""
        variables = self._variables | {"LOG_LEVEL": "INFO"}
        with running(["manage.py", "worker"], variables, self._log("worker")) as process:
            wait_until(lambda: READY_LINE in process.output(), PATIENCE_SECONDS)
            yield process

    @contextmanager
    def cluster(self) -> Iterator[Process]:
        """Run what a worker runs, without the worker's looking around at its start.

        It looks at once what is due, and not only after half a minute.
        """
        with running(["-c", CLUSTER], self._variables, self._log("cluster")) as process:
            yield process

    def api(self, web: Web) -> Api:
        return Api(web.url, self.credentials.key)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{uuid4().hex}.log"


def variables() -> dict[str, str]:
    """Return the environment of an installation, without its database."""
    return environment.fresh() | {
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "OUTBOUND_HTTPS_ONLY": "false",
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "API_RATE_LIMIT_PER_MINUTE": "100000",
        "DELIVERY_CONCURRENCY": "16",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "default",
    }


def prepare(folder: Path) -> Installation:
    """Return a new installation with a tenant, whose credentials have every scope."""
    database = empty(folder)
    given = variables()
    printed = run_to_end(["-c", PREPARE, *SCOPES], given | {"DATABASE_URL": database.url})
    _, key, client = (json.loads(line) for line in printed.splitlines())
    credentials = Credentials(
        key=key["secret"], client_id=client["client_id"], client_secret=client["client_secret"]
    )
    return Installation(folder, database, given, credentials)


def copy_of(prepared: Installation, folder: Path) -> Installation:
    """Return an installation with the same content and a database of its own."""
    return Installation(folder, prepared.database.copy(), prepared._variables, prepared.credentials)
