"""The ceiling: the same requests through the product's own client, and nothing else.

They are signed before the clock starts, so what is measured is what the wire and the client take.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone

from bench.assignments import Message, Sending
from bench.errors import BenchError
from bench.product.samples import ACTOR, order
from bench.sizes import EVENT_BYTES
from core import http, strict_json
from core.ids import new_id
from core.models import Event
from webhooks import rendering, signing
from webhooks.models.subscription import DEFAULT_SIGNATURE_HEADER
from webhooks.types import SigningKeys

TIMEOUT = timedelta(seconds=15)
PATIENCE_SECONDS = 1.0
Request = tuple[str, dict[str, str], bytes]


def ready(fields: Message) -> Callable[[], Message]:
    """Return the work: send the requests that have been made already."""
    given = Sending(**fields)
    keys = SigningKeys(
        hmac=(signing.new_secret(),),
        ed25519=(),
        scheme="hmac",
        body_header=DEFAULT_SIGNATURE_HEADER,
    )
    urls = given.urls
    requests = [
        _request(number, urls[number % len(urls)], keys) for number in range(given.requests)
    ]
    return partial(send, requests, given.in_flight)


def send(requests: list[Request], in_flight: int) -> Message:
    """Send all of them, so many at a time; return how many were sent."""
    client: http.ConcurrentClient[int] = http.ConcurrentClient()
    left = iter(requests)
    finished = 0
    while finished < len(requests):
        while len(client) < in_flight and (request := next(left, None)) is not None:
            url, headers, body = request
            client.start(finished, "POST", url, headers=headers, body=body, timeout=TIMEOUT)
        for _, answer in client.collect(PATIENCE_SECONDS):
            if not isinstance(answer, http.Response) or answer.status_code != 204:
                raise BenchError(f"the receiver did not accept a request: {answer}")
            finished += 1
    client.close()
    return {"sent": finished}


def _request(number: int, url: str, keys: SigningKeys) -> Request:
    now = timezone.now()
    event = Event(
        id=new_id("evt"),
        type="order.paid",
        entity_id=f"order-{number:07}",
        occurred_at=now,
        correlation_id=ACTOR.correlation_id,
    )
    event.data = order(number, EVENT_BYTES)
    body = strict_json.dumps(event.envelope())
    signatures = rendering.signature_headers(
        keys, message_id=new_id("dlv"), timestamp=int(now.timestamp()), body=body
    )
    return url, {"Content-Type": "application/json", **dict(signatures)}, body
