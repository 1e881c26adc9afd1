"""A sender of webhooks: signed before the clock starts, so many at a time."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils import timezone

from bench.assignments import Message, Posting
from bench.errors import BenchError
from bench.product.samples import ACTOR, order
from bench.sizes import EVENT_BYTES
from core import http, strict_json
from core.models import Tenant
from core.services import create_tenant
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.models import Endpoint
from webhooks.services import create_endpoint
from webhooks.types import EndpointFields

SECRET = "the secret of the benchmark"  # noqa: S105  # signs nothing else
TIMEOUT = timedelta(seconds=30)
PATIENCE_SECONDS = 1.0
SCHEME = SCHEMES["github"]


def ready(fields: Message) -> Callable[[], Message]:
    """Return the work: send the requests that have been made already."""
    given = Posting(**fields)
    path = _path_of_endpoint() if given.view == "received" else "/empty/hook"
    requests = [_request(given, number, path) for number in range(given.requests)]
    return partial(send, requests, given.in_flight)


def send(requests: list[Incoming], in_flight: int) -> Message:
    """Send all of them, so many at a time; return how many were acknowledged."""
    client: http.ConcurrentClient[int] = http.ConcurrentClient()
    left = iter(requests)
    sent = 0
    while sent < len(requests):
        while len(client) < in_flight and (each := next(left, None)) is not None:
            client.start(
                sent, "POST", each.url, headers=each.headers, body=each.body, timeout=TIMEOUT
            )
        for _, answer in client.collect(PATIENCE_SECONDS):
            if not isinstance(answer, http.Response) or answer.status_code != 200:
                raise BenchError(f"a webhook was not acknowledged: {answer}")
            sent += 1
    client.close()
    return {"sent": sent}


def _path_of_endpoint() -> str:
    """Return where webhooks are received, making the endpoint if there is none yet."""
    tenant = Tenant.objects.filter(slug="bench").first() or create_tenant(
        "bench", name="Benchmark", actor=ACTOR
    )
    if not Endpoint.objects.for_tenant(tenant).exists():
        wanted = EndpointFields(name="Code", path="webhooks/code", scheme=SCHEME.name)
        create_endpoint(tenant, wanted, actor=ACTOR, secret=SECRET)
    return "/in/bench/webhooks/code"


def _request(given: Posting, number: int, path: str) -> Incoming:
    headers = {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-github-delivery": f"{given.series}-{number:07}",
    }
    body = strict_json.dumps(order(number, EVENT_BYTES))
    incoming = Incoming(method="POST", url=f"{given.url}{path}", headers=headers, body=body)
    now = timezone.now()
    return SCHEME.sign(incoming, SECRET, {}, now=now)
