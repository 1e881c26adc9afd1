"""What happens to a request that has arrived: admitted or refused, kept, and only then acknowledged.

Whoever does not prove to hold a secret gets the same answer, after the same work, whatever is wrong:
that there is no endpoint at all, too. What tells more, such as that there were too many requests, is
said to those alone who have proven it.
"""

import math
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import F

from core import throttling, wakeups
from webhooks.inbound import arrival as arrivals
from webhooks.inbound import keeping, refusals
from webhooks.inbound.admission import Admission, admit
from webhooks.inbound.arrival import Arrival
from webhooks.inbound.keeping import NewMessage, OpenEndpoint
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Answer, RefusalError
from webhooks.models import Message
from webhooks.redaction import Redactor

PROCESS_TASK = "webhooks.tasks.process_messages"
WINDOW = timedelta(minutes=1)
# Nobody knows it, and nothing is believed for it: it is there to be compared with.
NO_SECRET = ("",)


class RefusedError(Exception):
    """A request was not accepted; its sender is not told why."""


@dataclass
class TooManyError(Exception):
    """An endpoint takes no more requests for this many seconds."""

    retry_after: int


@dataclass
class TooLargeError(Exception):
    """A request is larger than its endpoint takes."""

    max_bytes: int


def receive(arrival: Arrival, now: datetime) -> Answer:
    """Keep a request if it is accepted, and return what its sender is to be told.

    When this returns, the message is committed. Raises RefusedError, TooManyError and TooLargeError;
    and DecryptionError, or Django's errors of a database that is away, when nothing could be decided.
    """
    endpoint = keeping.find(arrival.tenant, arrival.path, now)
    try:
        if endpoint is None:
            raise _unknown(arrival, now)
        admission = admit(endpoint, arrival, now)
        if admission.answer is not None:
            return admission.answer
        _check_size(endpoint, arrival)
        _check_rate(endpoint, now)
        return _keep(endpoint, arrival, admission, now)
    except RefusalError as refusal:
        known, secrets = (endpoint.id, endpoint.secrets) if endpoint else (None, ())
        refusals.count(arrival, known, refusal, Redactor(secrets), now)
        raise RefusedError from refusal


def _unknown(arrival: Arrival, now: datetime) -> RefusalError:
    """Do the work of refusing a signature, and return the refusal of a URL that is nobody's."""
    with suppress(RefusalError):
        SCHEMES["github"].verify(arrival.incoming, NO_SECRET, {}, now=now, tolerance=None)
    return RefusalError("unknown", "There is no endpoint at this URL, or it is switched off")


def _check_size(endpoint: OpenEndpoint, arrival: Arrival) -> None:
    most = endpoint.max_body_bytes
    if most is not None and len(arrival.incoming.body) > most:
        raise TooLargeError(most)


def _check_rate(endpoint: OpenEndpoint, now: datetime) -> None:
    """Book the request on the endpoint's limit: only what is signed, so that nobody else uses it up."""
    if endpoint.rate_limit is None:
        return
    state = throttling.take(
        f"inbound:{endpoint.id}", limit=endpoint.rate_limit, window=WINDOW, now=now
    )
    if not state.allowed:
        raise TooManyError(math.ceil(state.retry_after.total_seconds()))


def _keep(endpoint: OpenEndpoint, arrival: Arrival, admission: Admission, now: datetime) -> Answer:
    incoming = arrival.incoming
    selector = endpoint.message_key or SCHEMES[endpoint.scheme].message_key
    key, sentence = arrivals.key_of(selector, incoming)
    wanted = (each["value"] for each in endpoint.expected_headers)
    redactor = Redactor((*endpoint.secrets, *wanted))
    message = NewMessage(
        endpoint=endpoint,
        key=key,
        method=incoming.method,
        query=redactor.text(arrival.query),
        headers=arrivals.redacted_headers(incoming, redactor),
        body=incoming.body,
        ip_address=arrival.ip_address,
        received_at=now,
        trace=[*admission.trace.lines, sentence],
        answer=asdict(endpoint.answer),
    )
    if not keeping.keep(message):
        return _first_answer(endpoint, key, now)
    wakeups.wake(PROCESS_TASK)
    return endpoint.answer


def _first_answer(endpoint: OpenEndpoint, key: str | None, now: datetime) -> Answer:
    """Return what the first of several equal requests was told, and count this one.

    Raises RefusalError when there is none: the endpoint was deleted while the request came in.
    """
    first = Message.objects.filter(endpoint_id=endpoint.id, key=key)
    first.update(repeats=F("repeats") + 1, repeated_at=now)
    told = first.values_list("answer", flat=True).first()
    if told is None:
        raise RefusalError("unknown", "The endpoint was deleted while the request came in")
    return Answer(**told)
