"""What was acknowledged becomes an event, whoever is killed afterwards; nothing else is acknowledged."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.utils import timezone

from tests.e2e.installation import PREPARE, Api, Credentials, Installation, variables
from tests.e2e.postgresql import Server, server
from tests.e2e.processes import PATIENCE_SECONDS, run_to_end
from tests.e2e.wire import exchange
from tests.makers import SCOPES
from tests.once import ON_ONE_DATABASE
from tests.sinks import wait_until
from tools import postgresql
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming

BINARIES = postgresql.find_binaries()
pytestmark = pytest.mark.e2e
# Several batches, so that some are left when the worker is killed.
SENT = 450
TYPE = "inbound.code.push"


class Sender:
    """GitHub, as far as an endpoint can tell."""

    def __init__(self, api: Api) -> None:
        wanted = {"name": "Code", "path": "webhooks/code", "scheme": "github"}
        created = api.post("/webhooks/endpoints", wanted)
        self.url = f"{api.url}/in/acme/webhooks/code"
        self.secret = created["secret"]

    def push(self, delivery: str) -> requests.Response:
        """Send a push and return the answer, whatever it is."""
        incoming = Incoming(
            method="POST",
            url=self.url,
            headers={
                "content-type": "application/json",
                "x-github-event": "push",
                "x-github-delivery": delivery,
            },
            body=json.dumps({"delivery": delivery}).encode(),
        )
        signed = SCHEMES["github"].sign(incoming, self.secret, {}, now=timezone.now())
        return requests.post(
            self.url, data=signed.body, headers=signed.headers, timeout=PATIENCE_SECONDS
        )


def received(api: Api) -> list[str]:
    """Return what the events of received pushes are about, oldest first."""
    events: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"/events?type={TYPE}&limit=100" + (f"&cursor={cursor}" if cursor else ""))
        events += page["data"]
        cursor = page["next_cursor"]
    return sorted(event["data"]["body"]["delivery"] for event in events)


def test_what_was_acknowledged_becomes_one_event_though_everybody_is_killed(
    installation: Installation,
) -> None:
    names = [f"d-{number:03}" for number in range(SENT)]
    with installation.web() as web:
        sender = Sender(installation.api(web))
        answers = [sender.push(name).status_code for name in names]
        web.process.kill()
    waiting = installation.database.count("webhooks_message", "state = 'received'")

    with installation.worker() as worker:
        wait_until(
            lambda: installation.database.count("webhooks_message", "state = 'processed'") > 0,
            PATIENCE_SECONDS,
        )
        worker.kill()
    with installation.worker(), installation.web() as web:
        api = installation.api(web)
        wait_until(lambda: len(received(api)) >= SENT, PATIENCE_SECONDS)
        events = received(api)

    assert answers == [200] * SENT
    assert waiting == SENT
    assert events == names


def test_a_request_that_breaks_off_is_not_taken_for_the_whole(installation: Installation) -> None:
    body = b'{"order": "n-1", "amount": 1000}'
    with installation.web() as web:
        api = installation.api(web)
        wanted = {"name": "Shop", "path": "shop", "scheme": "gitlab_token"}
        secret = api.post("/webhooks/endpoints", wanted)["secret"]
        head = (
            f"POST /in/acme/shop HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Gitlab-Token: {secret}\r\n"
            f"X-Gitlab-Event-UUID: n-1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()

        part = exchange(web.port, head, body[:20])
        whole = exchange(web.port, head, body)

    rows = installation.database.run("SELECT size, repeats FROM webhooks_message WHERE key = 'n-1'")
    assert (part.status, part.envelope()["error"]) == (400, "INVALID_REQUEST")
    assert whole.status == 200
    assert [tuple(row) for row in rows] == [(len(body), 0)]


@pytest.fixture
def database() -> Iterator[Server]:
    assert BINARIES is not None
    with server(BINARIES) as started:
        yield started


@ON_ONE_DATABASE
@pytest.mark.skipif(BINARIES is None, reason="there are no programs of a PostgreSQL server")
def test_while_the_database_is_away_nothing_is_acknowledged(
    database: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    given = variables()
    printed = run_to_end(["-c", PREPARE, *SCOPES], given | {"DATABASE_URL": database.url})
    key = json.loads(printed.splitlines()[1])["secret"]
    credentials = Credentials(key=key, client_id="", client_secret="")
    installation = Installation(tmp_path_factory.mktemp("away"), database, given, credentials)
    with installation.web() as web:
        sender = Sender(installation.api(web))
        before = sender.push("d-1")

        database.stop_at_once()
        away = sender.push("d-2")
        database.start()
        again = [sender.push(name).status_code for name in ("d-1", "d-2")]
        web.process.output()

    rows = database.run("SELECT key, repeats FROM webhooks_message ORDER BY key")
    assert before.status_code == 200
    assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    assert away.json()["error"] == "UNAVAILABLE"
    assert again == [200, 200]
    assert [tuple(row) for row in rows] == [("d-1", 1), ("d-2", 0)]
