"""A sample request to an endpoint: signed as its sender would, received like any other."""

import ipaddress
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.utils import timezone

from core import audit
from core.types import Actor
from webhooks.errors import SampleRefusedError
from webhooks.inbound import reception, selectors
from webhooks.inbound.arrival import Arrival
from webhooks.inbound.reception import TooLargeError, TooManyError
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Answer, Incoming, RefusalError, Scheme
from webhooks.models import Endpoint, EndpointSecret, Message

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOutcome:
    """What became of a sample: a sentence about it, and the status of the answer.

    When it was kept there is the ``message``, and with it the ``answer`` that a sender would get;
    every other answer says the same to everybody.
    """

    text: str
    status_code: int
    answer: Answer | None = None
    message: Message | None = None


def send_endpoint_sample(endpoint: Endpoint, *, actor: Actor) -> SampleOutcome:
    """Have an endpoint receive a sample, signed with its newest secret; say what became of it.

    It is a request like any other, and each one is new; only its address is always one that is
    allowed. The audit trail says who did it. Raises SampleRefusedError when none can be signed.
    """
    now = timezone.now()
    arrival = _arrival(endpoint, now)
    outcome = _receive(endpoint, arrival, now)
    audit.record(
        "endpoint.sample_sent",
        tenant=endpoint.tenant,
        actor=actor,
        target=endpoint,
        details={"status": outcome.status_code},
    )
    return outcome


def _receive(endpoint: Endpoint, arrival: Arrival, now: datetime) -> SampleOutcome:
    try:
        answer = reception.receive(arrival, now)
    except TooLargeError as error:
        return SampleOutcome(
            text=f"The endpoint takes at most {error.max_bytes} bytes.", status_code=413
        )
    except TooManyError as error:
        seconds = error.retry_after
        return SampleOutcome(
            text=f"The endpoint takes no more requests for {seconds} seconds.", status_code=429
        )
    except RefusalError as error:
        return SampleOutcome(text=f"The endpoint refused the sample: {error}.", status_code=401)
    message = Message.objects.filter(endpoint=endpoint, received_at=now).first()
    text = "The sample was received."
    if message is None:
        text = "The endpoint took the sample for a repeat of another request."
    return SampleOutcome(text=text, status_code=answer.status_code, answer=answer, message=message)


def _arrival(endpoint: Endpoint, now: datetime) -> Arrival:
    scheme = SCHEMES[endpoint.scheme]
    secret: EndpointSecret | None = (
        EndpointSecret.objects.filter(endpoint=endpoint).live(now).first()
    )
    if scheme.verifies_only or (secret and secret.secret.startswith("whpk_")):
        raise SampleRefusedError(
            f"Only {scheme.label} itself can sign: what is stored here is a public key."
        )
    if secret is None:
        raise SampleRefusedError("The endpoint has no secret yet, so nothing can be signed.")
    incoming = Incoming(
        method=endpoint.methods[0],
        url=endpoint.url,
        headers=_headers(endpoint, scheme),
        body=scheme.sample.body,
    )
    fresh = _with_fresh_id(incoming, endpoint.message_key or scheme.message_key)
    try:
        signed = scheme.sign(fresh, secret.secret, scheme.filled(endpoint.options), now=now)
    except RefusalError as error:  # what is to be signed along is not in the sample
        raise SampleRefusedError(
            f"No sample can be signed: {error}. List it among the expected headers, and the sample"
            " carries it."
        ) from error
    return Arrival(
        tenant=endpoint.tenant.slug,
        path=endpoint.path,
        query=urlsplit(signed.url).query,
        incoming=signed,
        ip_address=_address(endpoint),
        sample=True,
    )


def _headers(endpoint: Endpoint, scheme: Scheme) -> dict[str, str]:
    expected = {
        each["name"].lower(): each["value"] or "sample" for each in endpoint.expected_headers
    }
    return {**scheme.sample.headers, **expected}


def _address(endpoint: Endpoint) -> str:
    """Return an address that may send: the first of those that are allowed."""
    if not endpoint.allowed_networks:
        return ADDRESS
    return str(ipaddress.ip_network(endpoint.allowed_networks[0])[0])


def _with_fresh_id(incoming: Incoming, selector: str) -> Incoming:
    """Return a sample that is no repeat of the one before it."""
    fresh = f"sample-{uuid4().hex}"
    place = None if selector == selectors.NO_KEY else selectors.parse(selector)
    if place is not None and place.header:
        return replace(incoming, headers={**incoming.headers, place.header: fresh})
    steps = place.path if place is not None and place.path else ("sample",)
    return replace(incoming, body=_with(incoming.body, steps, fresh))


def _with(body: bytes, steps: tuple[str | int, ...], fresh: str) -> bytes:
    """Return a body with ``fresh`` where the steps lead, as far as there is such a place in it."""
    try:
        whole: Any = json.loads(body)
    except ValueError:
        return body + f"&{steps[-1]}={fresh}".encode()
    place = whole
    for step in steps[:-1]:
        if isinstance(place, dict) and isinstance(step, str):
            place = place.setdefault(step, {})
    if isinstance(place, list) and place and isinstance(place[0], dict):
        place = place[0]
    if isinstance(place, dict):
        place[str(steps[-1])] = fresh
    return json.dumps(whole).encode()
