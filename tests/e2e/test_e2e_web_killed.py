"""SIGKILL of every process of the web server in the middle of a write, which is then repeated."""

import threading
from contextlib import suppress

import pytest
import requests

from tests.e2e.installation import Api, Installation
from tests.sinks import wait_until

pytestmark = pytest.mark.e2e
MANY = 300


@pytest.fixture(scope="module")
def orders(installation: Installation) -> None:
    """Define orders with a web server that is not going to be killed."""
    with installation.web() as web:
        installation.api(web).define_orders()


def post_in_the_background(api: Api, path: str, body: object, key: str) -> threading.Thread:
    """Start a request whose answer nobody will see."""

    def post() -> None:
        with suppress(requests.ConnectionError):  # the server is killed
            api.send("POST", path, body, Idempotency_Key=key)

    thread = threading.Thread(target=post)
    thread.start()
    return thread


def counts(installation: Installation) -> tuple[int, int]:
    """Return how many records there are, and how many events."""
    database = installation.database
    return database.count("records_record"), database.count("core_event")


def test_repeat_after_a_kill_before_the_commit_writes_everything_once(
    installation: Installation, orders: None
) -> None:
    records = [{"data": {"number": f"many-{number}"}} for number in range(MANY)]
    before = counts(installation)

    with installation.web() as web:
        api = installation.api(web)
        request = post_in_the_background(api, "/records/order/bulk", {"records": records}, "many")
        wait_until(installation.database.is_writing, 30)
        web.process.kill()
        request.join(30)
    with installation.web() as web:
        api = installation.api(web)
        answers = [
            api.send("POST", "/records/order/bulk", {"records": records}, Idempotency_Key="many")
            for _ in range(2)
        ]

    after = counts(installation)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (after[0] - before[0], after[1] - before[1]) == (MANY, MANY)


def test_repeat_after_a_kill_behind_the_commit_gets_the_first_answer(
    installation: Installation, orders: None
) -> None:
    before = counts(installation)
    body = {"data": {"number": "one"}}

    with installation.web() as web:
        request = post_in_the_background(installation.api(web), "/records/order", body, "one")
        wait_until(lambda: counts(installation) != before, 30)
        web.process.kill()
        request.join(30)
    with installation.web() as web:
        api = installation.api(web)
        repeated = api.send("POST", "/records/order", body, Idempotency_Key="one")
        shown = api.get(f"/records/order/{repeated.json()['id']}")

    after = counts(installation)
    assert repeated.status_code == 201
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert repeated.json() == shown
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
