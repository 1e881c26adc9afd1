"""The main job over real HTTP, between real processes."""

import pytest
import requests
from standardwebhooks import Webhook

from tests.e2e.installation import Api, Installation, Web
from tests.sinks import Sink, wait_until

pytestmark = pytest.mark.e2e
ARRIVAL_SECONDS = 30.0


def signed_in(installation: Installation, web: Web) -> Api:
    """Return the API as acme's OAuth client sees it."""
    answer = requests.post(
        f"{web.url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(installation.credentials.client_id, installation.credentials.client_secret),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return Api(web.url, answer.json()["access_token"])


def test_changes_of_a_record_arrive_signed_and_in_order(
    installation: Installation, web: Web, api: Api
) -> None:
    client = signed_in(installation, web)

    with Sink() as sink, installation.worker(), client.subscribed(sink.url) as subscription:
        order = client.order("A-1", X_Correlation_ID="story-1")
        created = sink.arrived.get(timeout=ARRIVAL_SECONDS)
        client.send("PATCH", f"/records/order/{order['id']}", {"data": {"status": "paid"}})
        updated = sink.arrived.get(timeout=ARRIVAL_SECONDS)
        wait_until(
            lambda: [state for _, state, _ in client.deliveries()] == ["delivered"] * 2,
            ARRIVAL_SECONDS,
        )

        webhook = Webhook(subscription["secret"])
        bodies = [webhook.verify(seen.body, seen.headers) for seen in (created, updated)]
        delivered = client.deliveries()

    assert [body["type"] for body in bodies] == ["order.created", "order.updated"]
    assert bodies[0]["data"] == {"id": order["id"], "number": "A-1", "status": "new"}
    assert bodies[0]["correlation_id"] == "story-1"
    assert bodies[1]["data"]["changes"] == {"status": {"old": "new", "new": "paid"}}
    assert [attempts for _, _, attempts in delivered] == [1, 1]
    assert [seen.headers["webhook-id"] for seen in sink.requests] == [
        each for each, _, _ in delivered
    ]
    assert len(sink.requests) == 2
    assert len(client.get("/changes")["data"]) == 2
