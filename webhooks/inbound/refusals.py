"""Counting what was refused, with one sample for each reason and hour: no more, however many come.

The sample is a recent one, so that somebody who mends a sender sees what is still wrong.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from core.models import Tenant
from webhooks.inbound.arrival import Arrival, redacted_headers
from webhooks.inbound.keeping import OpenEndpoint
from webhooks.inbound.schemes.scheme import RefusalError
from webhooks.models import Refusal
from webhooks.querysets import RefusalQuerySet
from webhooks.redaction import Redactor

KEPT_FOR = timedelta(days=30)
SAMPLED_EVERY = timedelta(seconds=10)
MAX_SAMPLE_CHARACTERS = 2_000
MAX_NAME_CHARACTERS, MAX_VALUE_CHARACTERS = 100, 500
MAX_HEADER_CHARACTERS = 8_000
MAX_METHOD_CHARACTERS = 10
MAX_PATH_CHARACTERS = 300
MAX_EXPLANATION_CHARACTERS = 300


def count(
    arrival: Arrival, endpoint: OpenEndpoint | None, refusal: RefusalError, now: datetime
) -> None:
    """Count a refused request, and keep it as a sample if the last one of its kind is old.

    ``endpoint`` is the one that has refused it, if there is one at the URL.
    """
    # Also where the endpoint knows it: who finds nothing shall not be answered later.
    tenant = Tenant.objects.filter(slug=arrival.tenant).first()
    hour = now.replace(minute=0, second=0, microsecond=0)
    place = endpoint.id if endpoint else ""
    known = Refusal.objects.filter(tenant=tenant, place=place, reason=refusal.code, hour=hour)
    sample = _sample(arrival, endpoint, refusal, now)
    if _count_once_more(known, sample, now):
        return
    first = Refusal(
        tenant=tenant,
        endpoint_id=place or None,
        place=place,
        reason=refusal.code,
        hour=hour,
        first_at=now,
        last_at=now,
        **sample,
    )
    if not _write(first):
        _count_once_more(known, sample, now)


def _count_once_more(known: RefusalQuerySet, sample: Mapping[str, Any], now: datetime) -> bool:
    counted = known.update(count=F("count") + 1, last_at=now)
    known.filter(sampled_at__lte=now - SAMPLED_EVERY).update(**sample)
    return bool(counted)


def _sample(
    arrival: Arrival, endpoint: OpenEndpoint | None, refusal: RefusalError, now: datetime
) -> dict[str, Any]:
    incoming = arrival.incoming
    redactor = Redactor(endpoint.known_secrets() if endpoint else ())
    hidden = endpoint.secret_headers() if endpoint else ()
    body = incoming.body[: 2 * MAX_SAMPLE_CHARACTERS].decode("utf-8", "replace")
    headers = redacted_headers(incoming.headers.items(), redactor, hidden)
    return {
        "sampled_at": now,
        "explanation": str(refusal)[:MAX_EXPLANATION_CHARACTERS],
        "method": incoming.method[:MAX_METHOD_CHARACTERS],
        "path": f"/in/{arrival.tenant}/{arrival.path}"[:MAX_PATH_CHARACTERS],
        "headers": list(_first(headers)),
        "body": redactor.text(body.replace("\x00", "\ufffd"))[:MAX_SAMPLE_CHARACTERS],
        "ip_address": arrival.ip_address,
    }


def _first(headers: list[list[str]]) -> Iterator[list[str]]:
    """Yield headers, cut, as long as there is room for them."""
    room = MAX_HEADER_CHARACTERS
    for name, value in headers:
        short = [name[:MAX_NAME_CHARACTERS], value[:MAX_VALUE_CHARACTERS]]
        room -= sum(map(len, short))
        if room < 0:
            return
        yield short


def _write(refusal: Refusal) -> bool:
    """Write the first one of its kind; say whether nobody was faster."""
    Refusal.objects.bulk_create([refusal], ignore_conflicts=True)
    return bool(Refusal.objects.filter(pk=refusal.pk).exists())
