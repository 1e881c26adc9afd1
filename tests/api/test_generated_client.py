"""A client generated from the served description does the main job, typed and unaided."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from core import events
from core import services as core_services
from core.models import Tenant
from tests.api.document import DOCUMENT
from tests.makers import make_actor
from tests.once import ON_ONE_DATABASE
from tests.orders import make_order_type
from tests.sinks import Sink
from tests.subscriptions import make_subscription
from webhooks.delivery import drain

pytestmark = ON_ONE_DATABASE

PACKAGE = "generated_patchbay"
TOOLS = Path(sys.executable).parent
GENERATE = (
    TOOLS / "openapi-python-client",
    "generate",
    "--meta",
    "none",
    "--fail-on-warning",
)
SCOPES = ("records:read", "records:write", "events:read", "webhooks:read")


@pytest.fixture(scope="module", autouse=True)
def _generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Generate the client once. (That the document is the one served: test_schema.)"""
    folder = tmp_path_factory.mktemp("client")
    document = folder / "schema.json"
    document.write_text(json.dumps(DOCUMENT))
    # It formats what it writes with ruff, which it looks for on the path.
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run(
        [*GENERATE, "--path", document, "--output-path", folder / PACKAGE],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout == f"Generating {folder / PACKAGE}\n"
    assert (made.returncode, made.stderr) == (0, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def client(live_server: LiveServer, tenant: Tenant) -> Iterator[Any]:
    """The generated client, with an access token as an OAuth library would get it."""
    new = core_services.create_api_client(tenant, name="Shop", scopes=SCOPES, actor=make_actor())
    answer = requests.post(
        f"{live_server.url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(new.client.client_id, new.secret),
        timeout=30,
    )
    token = answer.json()["access_token"]
    with part("client").AuthenticatedClient(base_url=live_server.url, token=token) as client:
        yield client


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def operation(tag: str, name: str) -> Any:
    return part(f"api.{tag}.{name}")


@pytest.mark.django_db(transaction=True)
def test_generated_client_does_the_main_job(client: Any, tenant: Tenant, sink: Sink) -> None:
    make_order_type(tenant)
    subscription = make_subscription(tenant, f"{sink.url}/orders")
    models = part("models")

    data = models.RecordInputRequestData.from_dict({"number": "A-7", "total": 12.5})
    record = operation("records", "create_record").sync(
        "order",
        client=client,
        body=models.RecordInputRequest(data=data),
        idempotency_key="order-7",
        x_correlation_id="checkout-7",
    )
    events.dispatch()
    drain()
    happened = operation("events", "list_events").sync(client=client, entity_id=record.id)
    deliveries = operation("webhooks", "list_deliveries").sync(
        client=client, state=[models.ListDeliveriesStateItem.DELIVERED]
    )
    changes = operation("changes", "list_changes").sync(client=client, type_="order")

    assert isinstance(record, models.Record)
    assert (record.key, record.version, record.data["total"]) == ("A-7", 1, 12.5)
    [event] = happened.data
    assert (event.type_, event.correlation_id) == ("order.created", "checkout-7")
    [delivery] = deliveries.data
    assert (delivery.event, delivery.subscription) == (event.id, subscription.id)
    assert delivery.state is models.DeliveryState.DELIVERED
    assert [seen.headers["webhook-id"] for seen in sink.requests] == [delivery.id]
    [change] = changes.data
    assert (change.id, change.operation) == (record.id, models.ChangeOperation.CREATED)
    assert changes.has_more is False


@pytest.mark.django_db(transaction=True)
def test_generated_client_reads_a_refusal_as_a_model(client: Any, tenant: Tenant) -> None:
    make_order_type(tenant)
    models = part("models")
    body = models.RecordInputRequest(data=models.RecordInputRequestData.from_dict({"total": -1}))

    refused = operation("records", "create_record").sync_detailed("order", client=client, body=body)

    assert refused.status_code == 422
    assert isinstance(refused.parsed, models.Error)
    assert refused.parsed.error == "VALIDATION_FAILED"
    assert [(each.path, each.code) for each in refused.parsed.details] == [
        ("data.number", "required"),
        ("data.total", "min"),
    ]
