"""Builders of endpoints with what they have received and refused, as many as a test asks for.

They go past the web layer, so that a test may hold on to its one connection.
"""

import json
from uuid import uuid4

from django.utils import timezone

from core.models import Tenant
from tests.endpoints import PUSH, SECRET, make_endpoint, signed
from webhooks.inbound import processing, reception
from webhooks.inbound.arrival import Arrival
from webhooks.inbound.schemes.scheme import RefusalError
from webhooks.models import Endpoint, Message, Refusal


def make_own_endpoint(tenant: Tenant) -> Endpoint:
    """Create an endpoint at a path that no other one has."""
    return make_endpoint(tenant, path=f"code-{uuid4().hex[:12]}")


def make_own_message(tenant: Tenant) -> Message:
    """Have an endpoint of its own receive a push, and make an event of it."""
    endpoint = make_own_endpoint(tenant)
    reception.receive(arrival(endpoint), timezone.now())
    processing.process()
    message: Message = Message.objects.get(endpoint=endpoint)
    return message


def make_refusal(tenant: Tenant) -> Refusal:
    """Have an endpoint of its own refuse a push."""
    endpoint = make_own_endpoint(tenant)
    try:
        reception.receive(arrival(endpoint, secret="another secret altogether"), timezone.now())
    except RefusalError:
        refusal: Refusal = Refusal.objects.get(endpoint=endpoint)
        return refusal
    raise AssertionError("the push was not refused")


def arrival(endpoint: Endpoint, *, secret: str = SECRET) -> Arrival:
    """Return a push of GitHub's, as it arrives at an endpoint."""
    headers = {"x-github-event": "push", "x-github-delivery": "d-1"}
    return Arrival(
        tenant=endpoint.tenant.slug,
        path=endpoint.path,
        query="",
        incoming=signed(endpoint, json.dumps(PUSH).encode(), headers, secret=secret),
        ip_address="192.0.2.7",
    )
