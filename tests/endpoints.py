"""Builders of endpoints, and of the requests that their senders make."""

import json
from typing import Any, Unpack

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from core.models import Tenant
from core.types import Json
from tests.makers import make_actor
from webhooks import services
from webhooks.inbound import processing
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.models import Endpoint, Message
from webhooks.types import EndpointFields

SECRET = "a secret that only GitHub knows"
PATH = "webhooks/code"
PUSH: dict[str, Json] = {"ref": "refs/heads/main", "commits": [{"id": "c0ffee"}]}


def make_endpoint(
    tenant: Tenant, /, *, secret: str = SECRET, **fields: Unpack[EndpointFields]
) -> Endpoint:
    """Create an endpoint for GitHub's webhooks, unless ``fields`` say otherwise."""
    wanted = EndpointFields(name="Code", path=PATH, scheme="github")
    wanted.update(fields)
    saved = services.create_endpoint(tenant, wanted, actor=make_actor(), secret=secret)
    return saved.endpoint


def url_of(endpoint: Endpoint) -> str:
    """Return the path at which an endpoint listens."""
    return f"/in/{endpoint.tenant.slug}/{endpoint.path}"


def signed(
    endpoint: Endpoint,
    body: bytes,
    headers: dict[str, str] | None = None,
    *,
    secret: str = SECRET,
    method: str = "POST",
) -> Incoming:
    """Return a request to an endpoint as a sender makes it who holds ``secret``."""
    scheme = SCHEMES[endpoint.scheme]
    incoming = Incoming(
        method=method,
        url=f"http://127.0.0.1:8000{url_of(endpoint)}",
        headers={"content-type": "application/json", **(headers or {})},
        body=body,
    )
    return scheme.sign(incoming, secret, scheme.filled(endpoint.options), now=timezone.now())


def post(endpoint: Endpoint, incoming: Incoming, **extra: Any) -> HttpResponse:
    """Send a request through every layer of the product, and return the answer."""
    headers = {name: value for name, value in incoming.headers.items() if name != "content-type"}
    response: Any = Client().generic(
        incoming.method,
        url_of(endpoint),
        incoming.body,
        content_type=incoming.headers.get("content-type", ""),
        headers=headers,
        **extra,
    )
    answer: HttpResponse = response
    return answer


def push(
    endpoint: Endpoint, delivery: str = "d-1", data: Json = None, *, secret: str = SECRET
) -> HttpResponse:
    """Send what GitHub sends for a push, as the delivery ``delivery``."""
    headers = {"x-github-event": "push", "x-github-delivery": delivery}
    body = json.dumps(PUSH if data is None else data).encode()
    return post(endpoint, signed(endpoint, body, headers, secret=secret))


def make_message(endpoint: Endpoint, delivery: str = "d-1") -> Message:
    """Have an endpoint receive a push, and return the message, which waits to become an event."""
    assert push(endpoint, delivery).status_code == 200
    message: Message = Message.objects.get(endpoint=endpoint, key=delivery)
    return message


def make_processed(endpoint: Endpoint, delivery: str = "d-1") -> Message:
    """Do the same, and make an event of it."""
    message = make_message(endpoint, delivery)
    processing.process()
    message.refresh_from_db()
    return message


def found_in(answer: Any) -> list[tuple[str, str]]:
    """Return where something is wrong with what was sent, and what."""
    assert (answer.status_code, answer.json()["error"]) == (422, "VALIDATION_FAILED")
    return [(detail["path"], detail["code"]) for detail in answer.json()["details"]]
