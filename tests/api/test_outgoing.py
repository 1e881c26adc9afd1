"""Receivers get what the API's description says they get."""

import json

from jsonschema import Draft202012Validator

from core.models import Tenant
from tests.api.document import DOCUMENT
from tests.sinks import Sink
from tests.subscriptions import make_delivery, make_subscription
from webhooks.delivery import drain

OPERATION = DOCUMENT["webhooks"]["event"]["post"]


def test_delivery_fits_the_description(tenant: Tenant, sink: Sink) -> None:
    make_delivery(make_subscription(tenant, sink.url))

    drain()

    [seen] = sink.requests
    media = OPERATION["requestBody"]["content"][seen.headers["content-type"]]
    validator = Draft202012Validator(media["schema"])
    assert list(validator.iter_errors(json.loads(seen.body))) == []
    for parameter in OPERATION["parameters"]:
        value = seen.headers[parameter["name"].lower()]
        schema = parameter["schema"]
        typed = int(value) if schema["type"] == "integer" else value
        assert list(Draft202012Validator(schema).iter_errors(typed)) == []
