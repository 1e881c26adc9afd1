"""What happens to a request that has arrived: admitted or refused, kept, and only then acknowledged.

Whoever does not prove to hold a secret gets the same answer, after the same work, whatever is wrong:
that there is no endpoint at all, too. What tells more, such as that there were too many requests, is
said to those alone who have proven it.
"""

import math
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from django.db.models import F

from core import throttling, wakeups
from webhooks.inbound import arrival as arrivals
from webhooks.inbound import keeping, refusals
from webhooks.inbound.admission import Admission, admit
from webhooks.inbound.arrival import Arrival
from webhooks.inbound.keeping import NewMessage, OpenEndpoint
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Answer, Incoming, RefusalError
from webhooks.models import Message
from webhooks.redaction import Redactor

PROCESS_TASK = "webhooks.tasks.process_messages"
WINDOW = timedelta(minutes=1)
# Nobody knows it, and nothing is believed for it: it is there to be compared with.
NO_SECRET = ("",)
UNKNOWN = "There is no endpoint at this URL, or it is switched off"


class TooManyError(RefusalError):
    """An endpoint takes no more requests for ``retry_after`` seconds."""

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__("rate_limit", f"There were too many requests, of {limit} a minute allowed")
        self.retry_after = retry_after


class TooLargeError(RefusalError):
    """A request is larger than the ``max_bytes`` that its endpoint takes."""

    def __init__(self, size: int, max_bytes: int) -> None:
        super().__init__("too_large", f"The body has {size} bytes, of {max_bytes} allowed")
        self.max_bytes = max_bytes


def receive(arrival: Arrival, now: datetime) -> Answer:
    """Keep a request if it is accepted, and return what its sender is to be told.

    When this returns, the message is committed. Raises RefusalError, which has been counted: its
    sender is not told why, unless it is a TooManyError or a TooLargeError. Raises DecryptionError,
    or Django's errors of a database that is away, when nothing could be decided.
    """
    known = keeping.remembered(arrival.tenant, arrival.path, now)
    verdict = None if known is None else _verdict(known, arrival, now)
    if known is not None and _kept_at_once(known, arrival, verdict, now):
        return known.answer
    endpoint = keeping.find(arrival.tenant, arrival.path, now)
    # Whether the URL is known or not, one signature is computed: more would take longer.
    if verdict is None or (endpoint is not None and endpoint != known):
        verdict = _verdict(endpoint, arrival, now)
    try:
        answer = _decided(endpoint, arrival, verdict, now)
    except RefusalError as refusal:
        refusals.count(arrival, endpoint, refusal, now)
        raise
    # Without one, the endpoint was changed in this very moment, and what it is now decides.
    return receive(arrival, now) if answer is None else answer


def _verdict(
    endpoint: OpenEndpoint | None, arrival: Arrival, now: datetime
) -> Admission | RefusalError:
    try:
        if endpoint is not None:
            return admit(endpoint, arrival, now)
        SCHEMES["github"].verify(arrival.incoming, NO_SECRET, {}, now=now, tolerance=None)
    except RefusalError as refusal:
        return refusal
    return RefusalError("unknown", UNKNOWN)


def _kept_at_once(
    known: OpenEndpoint, arrival: Arrival, verdict: Admission | RefusalError | None, now: datetime
) -> bool:
    """Say whether the request could be kept without looking for the endpoint again."""
    if not isinstance(verdict, Admission) or verdict.answer is not None:
        return False
    try:
        return _fits(known, arrival) and _keep(known, arrival, verdict, now)
    except (OperationalError, InterfaceError):
        # The connection may not have outlived a restart; who looks for the endpoint makes a new one.
        return False


def _decided(
    endpoint: OpenEndpoint | None,
    arrival: Arrival,
    verdict: Admission | RefusalError,
    now: datetime,
) -> Answer | None:
    """Return the answer to a request; None when the endpoint has been changed since it was found."""
    if endpoint is None:
        raise RefusalError("unknown", UNKNOWN)
    if isinstance(verdict, RefusalError):
        raise verdict
    if verdict.answer is not None:
        return verdict.answer
    if not _fits(endpoint, arrival):
        raise TooLargeError(len(arrival.incoming.body), endpoint.max_body_bytes or 0)
    _check_rate(endpoint, now)
    if _keep(endpoint, arrival, verdict, now):
        return endpoint.answer
    return _first_answer(endpoint, arrival, now)


def _fits(endpoint: OpenEndpoint, arrival: Arrival) -> bool:
    most = endpoint.max_body_bytes
    return most is None or len(arrival.incoming.body) <= most


def _check_rate(endpoint: OpenEndpoint, now: datetime) -> None:
    """Book the request on the endpoint's limit: only what is signed, so that nobody else uses it up."""
    limit = endpoint.rate_limit
    if limit is None:
        return
    state = throttling.take(f"inbound:{endpoint.id}", limit=limit, window=WINDOW, now=now)
    if not state.allowed:
        raise TooManyError(limit, math.ceil(state.retry_after.total_seconds()))


def _keep(endpoint: OpenEndpoint, arrival: Arrival, admission: Admission, now: datetime) -> bool:
    incoming = arrival.incoming
    redactor = Redactor(endpoint.known_secrets())
    key, sentence = arrivals.key_of(_selector(endpoint, incoming), incoming, redactor)
    message = NewMessage(
        endpoint=endpoint,
        key=key,
        method=incoming.method,
        query=arrivals.redacted_query(arrival.query, redactor),
        headers=arrivals.redacted_headers(
            incoming.headers.items(), redactor, endpoint.secret_headers()
        ),
        body=incoming.body,
        ip_address=arrival.ip_address,
        received_at=now,
        trace=[*admission.trace.lines, sentence],
        answer=asdict(endpoint.answer),
        sample=arrival.sample,
    )
    kept = keeping.keep(message)
    if kept:
        wakeups.wake(PROCESS_TASK)
    return kept


def _selector(endpoint: OpenEndpoint, incoming: Incoming) -> str:
    return endpoint.message_key or SCHEMES[endpoint.scheme].repeats_told_by(incoming)


def _first_answer(endpoint: OpenEndpoint, arrival: Arrival, now: datetime) -> Answer | None:
    """Return what the first of several equal requests was told, and count this one."""
    selector = _selector(endpoint, arrival.incoming)
    redactor = Redactor(endpoint.known_secrets())
    key, _ = arrivals.key_of(selector, arrival.incoming, redactor)
    if key is None:
        return None
    first = Message.objects.filter(endpoint_id=endpoint.id, key=key)
    first.update(repeats=F("repeats") + 1, repeated_at=now)
    told = first.values_list("answer", flat=True).first()
    return None if told is None else Answer(**told)
