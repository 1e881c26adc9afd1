"""Requests made up from the API's own description, good and bad, against every operation.

What one of the databases cannot take is tested on both, one by one, in ``test_api_garbage``.
"""

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from config.wsgi import application
from core.models import Tenant
from records import services
from tests.api.document import DOCUMENT
from tests.inbound import make_own_endpoint, make_own_message, make_refusal
from tests.makers import (
    make_actor,
    make_config_value,
    make_event,
    make_event_type,
    make_key,
    make_key_row,
)
from tests.once import ON_ONE_DATABASE
from tests.orders import make_order_type, order
from tests.sinks import Sink
from tests.subscriptions import make_delivery, make_replay, make_subscription

# Beside the boundary cases, which schemathesis derives from the description by itself.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {
        "mode": "all",
        "max-examples": EXAMPLES,
        "deterministic": True,
        "with-security-parameters": False,
    },
    "checks": {
        # What a schema cannot say (an expression that does not compile, an event type that is
        # reserved, a state that does not allow it) is refused although it fits.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "400", "404", "409", "412", "422"]
        },
        # It repeats whatever succeeds twice, for what tests/test_tenancy.py proves of every route.
        "ignored_auth": {"enabled": False},
    },
}


def described() -> Any:
    """Return the API as schemathesis reads it."""
    loaded = schemathesis.openapi.from_dict(
        copy.deepcopy(DOCUMENT), config=SchemathesisConfig.from_dict(CONFIG)
    )
    loaded.app = application
    return loaded


schema = described()


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the connection whose transaction the test is in, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(tenant: Tenant) -> str:
    """An API key with every scope."""
    return make_key(tenant)


@pytest.fixture
def parts(tenant: Tenant, sink: Sink) -> dict[str, dict[str, str]]:
    """What stands in the paths, by the collection it belongs to: things that exist."""
    make_order_type(tenant)
    make_config_value(tenant)
    record = services.create_record(tenant, "order", order(), actor=make_actor())
    subscription = make_subscription(tenant, sink.url)
    delivery = make_delivery(subscription)
    return {
        "api-keys": {"id": make_key_row(tenant).id},
        "config": {"name": "api_key"},
        "event-types": {"name": make_event_type(tenant).name},
        "events": {"id": make_event(tenant).id},
        "record-types": {"slug": "order"},
        "records": {"type": "order", "id": record.id},
        "replays": {"id": make_replay(tenant, subscription).id},
        "subscriptions": {"id": subscription.id},
        "deliveries": {"id": delivery.id, "delivery_id": delivery.id},
        "endpoints": {"id": make_own_endpoint(tenant).id},
        "messages": {"id": make_own_message(tenant).id},
        "refusals": {"id": make_refusal(tenant).id},
    }


def place(case: Case[Any], parts: dict[str, dict[str, str]]) -> None:
    """Let a well-formed path lead to something that exists."""
    path = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    if path is None or not path.mode.is_positive:
        return
    collection = next(word for word in case.path.split("/") if word in parts)
    for name in case.path_parameters:
        case.path_parameters[name] = parts[collection][name]


@ON_ONE_DATABASE
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,  # whatever an example writes is rolled back
        # The schemas of some bodies are large, and so is what is made from them.
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.filter_too_much,
    ],
)
def test_operation_keeps_its_word(
    case: Case[Any], key: str, parts: dict[str, dict[str, str]]
) -> None:
    with transaction.atomic():
        place(case, parts)
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
        transaction.set_rollback(True)
