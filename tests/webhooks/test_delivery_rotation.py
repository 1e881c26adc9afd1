"""Secrets that are replaced while deliveries are under way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from core import events
from core.models import Tenant
from tests.makers import make_actor, make_tenant
from tests.sinks import Answer, Seen, Sink, wait_until
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_subscription, publish
from webhooks import delivery as delivering
from webhooks import services, signing
from webhooks.models import Delivery, Subscription
from webhooks.types import NewSecret

HOUR = timedelta(hours=1)
ROTATIONS = 4
DELIVERIES_EACH = 25


def rotate(subscription: Subscription, overlap: timedelta = HOUR) -> tuple[NewSecret, ...]:
    return services.rotate_secret(subscription, actor=make_actor(), overlap=overlap)


def fits(key: str, request: Seen) -> bool:
    """Say whether a receiver that knows ``key`` alone accepts a request."""
    try:
        signing.verify(
            [key],
            message_id=request.headers["webhook-id"],
            timestamp=request.headers["webhook-timestamp"],
            signatures=request.headers["webhook-signature"],
            body=request.body,
            now=timezone.now(),
        )
    except signing.VerificationError:
        return False
    return True


def plain_fits(secret: str, request: Seen) -> bool:
    return request.headers["x-signature-256"] == signing.body_signature(secret, request.body)


@contextmanager
def a_worker() -> Iterator[None]:
    """Have everything that becomes due sent by a thread of its own."""
    ended = threading.Event()
    failures: list[Exception] = []

    def work() -> None:
        try:
            while not ended.wait(0.005):
                delivering.drain()
        except Exception as error:  # noqa: BLE001  # shown below, by the test itself
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert failures == []


def has_received(sink: Sink, least: int) -> bool:
    return len(sink.requests) >= least


def sent_during_rotations(
    sink: Sink, subscription: Subscription, overlap: timedelta
) -> tuple[list[str], list[Seen]]:
    """Return all secrets there were, and all requests, with a rotation among each so many."""
    secrets = [SECRET]
    count = 0
    with a_worker():
        for _ in range(ROTATIONS):
            for _ in range(DELIVERIES_EACH):
                publish(subscription.tenant)
            events.dispatch()
            count += DELIVERIES_EACH
            wait_until(partial(has_received, sink, count - DELIVERIES_EACH // 2))
            (new,) = rotate(subscription, overlap)
            secrets.append(new.secret)
        wait_until(lambda: not Delivery.objects.pending().exists())
    make_delivery(subscription)
    delivering.drain()
    assert len(sink.requests) == ROTATIONS * DELIVERIES_EACH + 1
    return secrets, sink.requests


def begins(accepted: Callable[[Seen], bool], requests: list[Seen]) -> int:
    """Return from which request on a receiver accepts all; it must not have accepted any before."""
    answers = [accepted(each) for each in requests]
    first = answers.index(True)
    assert answers == [False] * first + [True] * (len(answers) - first)
    return first


@pytest.mark.spec("Standard Webhooks", "Multiple signatures")
@pytest.mark.django_db(transaction=True)
def test_rotations_under_load_send_nothing_that_any_receiver_refuses() -> None:
    with Sink([Answer(delay=0.01)]) as sink:
        subscription = make_subscription(make_tenant("acme"), sink.url, concurrency=1)

        secrets, requests = sent_during_rotations(sink, subscription, HOUR)

    assert all(fits(SECRET, each) and plain_fits(SECRET, each) for each in requests)
    # From its first use on, a new secret is good for every request.
    starts = [begins(partial(fits, key), requests) for key in secrets]
    assert starts == sorted(starts)
    assert all(fits(key, requests[-1]) for key in secrets)


@pytest.mark.django_db(transaction=True)
def test_rotations_without_overlap_under_load_never_go_back_to_an_older_secret() -> None:
    with Sink([Answer(delay=0.01)]) as sink:
        subscription = make_subscription(make_tenant("acme"), sink.url, concurrency=1)

        secrets, requests = sent_during_rotations(sink, subscription, timedelta(0))

    used = [[fits(key, each) for key in secrets] for each in requests]
    assert {sum(each) for each in used} == {1}
    numbers = [each.index(True) for each in used]
    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (0, ROTATIONS)
    assert all(
        plain_fits(secrets[number], each) for number, each in zip(numbers, requests, strict=True)
    )


def test_retry_is_signed_with_the_secrets_of_its_own_time(tenant: Tenant) -> None:
    with Sink([Answer(status=500), Answer()]) as sink:
        subscription = make_subscription(tenant, sink.url)
        make_delivery(subscription)
        delivering.drain()
        (new,) = rotate(subscription)
        with time_machine.travel(timezone.now() + HOUR + timedelta(seconds=1)):
            delivering.drain()
            first, second = sink.requests
            accepted = [fits(SECRET, second), fits(new.secret, second)]

    assert accepted == [False, True]
    assert (plain_fits(SECRET, first), plain_fits(new.secret, second)) == (True, True)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(("seconds", "old"), [(-1, True), (0, False), (1, False)])
def test_old_secret_signs_until_the_overlap_ends_and_not_longer(
    tenant: Tenant, sink: Sink, seconds: int, old: bool
) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        (new,) = rotate(subscription)
        clock.shift(HOUR + timedelta(seconds=seconds))
        delivering.drain()
        (request,) = sink.requests
        accepted = (fits(SECRET, request), fits(new.secret, request))

    assert accepted == (old, True)
    assert plain_fits(SECRET if old else new.secret, request)


@pytest.mark.spec("Standard Webhooks", "Asymmetric: ed25519")
def test_both_kinds_of_keys_overlap(tenant: Tenant, sink: Sink) -> None:
    subscription = make_subscription(tenant, sink.url)
    (pair,) = services.update_subscription(
        subscription, {"signature_scheme": "both"}, actor=make_actor()
    ).secrets
    new, new_pair = rotate(subscription)

    make_delivery(subscription)
    delivering.drain()

    (request,) = sink.requests
    keys = (SECRET, new.secret, pair.public_key, new_pair.public_key)
    assert [fits(key, request) for key in keys] == [True] * 4
    assert len(request.headers["webhook-signature"].split(" ")) == 4
