"""SIGKILL of the web server in the middle of a bulk request of an identity provider."""

import json
import os
import threading
from contextlib import suppress
from typing import Any

import pytest
import requests

from tests.e2e.installation import Installation, Web
from tests.e2e.processes import PATIENCE_SECONDS, run_to_end
from tests.scim.asking import BULK, GROUP, PATCH, USER, adding
from tests.sinks import wait_until
from tools import environment

pytestmark = pytest.mark.e2e
PAIRS = 100
SOME = 20
STORED = "deleted_at IS NULL AND kind"


def opened(installation: Installation) -> dict[str, str]:
    """Open acme's directory as an operator does; return the headers of its identity provider."""
    variables = environment.fresh() | {
        "DATABASE_URL": installation.database.url,
        "ENV_FILE": os.devnull,
    }
    printed = run_to_end(["manage.py", "scim_enable", "acme", "--json"], variables)
    return {
        "Authorization": f"Bearer {json.loads(printed.splitlines()[-1])['token']}",
        "Content-Type": "application/scim+json",
    }


def send(web: Web, path: str, body: object, headers: dict[str, str]) -> requests.Response:
    url = f"{web.url}/scim/v2/acme{path}"
    return requests.post(url, json.dumps(body), headers=headers, timeout=PATIENCE_SECONDS)


def pair(number: int, group: str) -> list[dict[str, object]]:
    """Return the operations that create a user and put it into a group."""
    user = {"schemas": [USER], "userName": f"user-{number}"}
    push = {"schemas": [PATCH], "Operations": [adding(f"bulkId:{number}")]}
    return [
        {"method": "POST", "path": "/Users", "bulkId": str(number), "data": user},
        {"method": "PATCH", "path": f"/Groups/{group}", "data": push},
    ]


def test_kill_in_a_bulk_request_leaves_whole_operations(installation: Installation) -> None:
    headers, database = opened(installation), installation.database

    with installation.web() as web:
        group = send(web, "/Groups", {"schemas": [GROUP], "displayName": "All"}, headers).json()
        operations = [each for number in range(PAIRS) for each in pair(number, group["id"])]

        def post() -> None:
            with suppress(requests.ConnectionError):  # the server is killed
                send(web, "/Bulk", {"schemas": [BULK], "Operations": operations}, headers)

        request = threading.Thread(target=post)
        request.start()
        wait_until(lambda: database.count("scim_resource", f"{STORED} = 'User'") >= SOME, 30)
        web.process.kill()
        request.join(PATIENCE_SECONDS)

    users = database.run(
        f"SELECT id, key, data, folded, version FROM scim_resource WHERE {STORED} = 'User'"
        " ORDER BY id"
    )
    members = database.run("SELECT member_id, unknown_id FROM scim_membership ORDER BY id")
    created = events(installation, "user.created")
    added = events(installation, "group.user_added")
    ((version,),) = database.run(f"SELECT version FROM scim_resource WHERE {STORED} = 'Group'")
    names = [f"user-{number}" for number in range(len(users))]
    # The request went on in its order, and the kill came before its end.
    assert SOME <= len(users) < PAIRS
    assert [row[1] for row in users] == names
    assert [parsed(row[2])["userName"] for row in users] == names
    assert [parsed(row[3])["userName"] for row in users] == names
    assert [row[4] for row in users] == [1] * len(users)
    assert [each["user_name"] for each in created] == names
    # Of the last user, the second operation may be missing, as a whole.
    assert len(users) - len(members) in (0, 1)
    assert members == [(row[0], "") for row in users[: len(members)]]
    assert [each["user"]["user_name"] for each in added] == names[: len(members)]
    assert version == 1 + len(members)

    with installation.web() as web:
        again = send(web, "/Bulk", {"schemas": [BULK], "Operations": operations}, headers)

    assert again.status_code == 200
    assert database.count("scim_resource", f"{STORED} = 'User'") == PAIRS


def events(installation: Installation, event_type: str) -> list[dict[str, Any]]:
    """Return the data of the events of one type, oldest first."""
    sql = f"SELECT data FROM core_event WHERE type = '{event_type}' ORDER BY id"
    return [parsed(row[0]) for row in installation.database.run(sql)]


def parsed(value: object) -> dict[str, Any]:
    """Return JSON, which one database gives as text and the other as it is."""
    found: Any = json.loads(value) if isinstance(value, str) else value
    return dict(found)
