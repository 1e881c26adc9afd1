"""What was true when a worker took a queue, and is not any more when it acts on it."""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connections
from django.utils import timezone

from core import events
from core import services as core_services
from core.models import Tenant
from tests.drains import LEASE, notice_changes, turn_to_the_end, turn_until
from tests.makers import make_actor, make_tenant
from tests.sinks import Answer, Sink, wait_until
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_subscription, publish
from webhooks import deletion, open_lanes, services, signing
from webhooks import delivery as delivering
from webhooks.delivery import Drain
from webhooks.models import Attempt, Delivery, Lane, SigningSecret, Subscription

State = Delivery.State
HOUR = timedelta(hours=1)
SLOWLY = 0.5


def test_gone_is_not_believed_of_a_receiver_that_has_been_changed_meanwhile(
    tenant: Tenant, sink: Sink
) -> None:
    with Sink([Answer(status=410, delay=SLOWLY)]) as gone:
        subscription = make_subscription(tenant, gone.url, concurrency=1)
        make_delivery(subscription)
        make_delivery(subscription)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: gone.requests)
            services.update_subscription(subscription, {"url": sink.url}, actor=make_actor())
            notice_changes(drain)
            turn_to_the_end(drain)

    subscription.refresh_from_db()
    assert (subscription.enabled, subscription.disabled_reason) == (True, "")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dead", "delivered"]
    assert (len(gone.requests), len(sink.requests)) == (1, 1)


def test_failure_from_before_does_not_switch_off_what_was_just_switched_on(
    tenant: Tenant, settings: LazySettings
) -> None:
    settings.DISABLE_FAILING_AFTER_HOURS = 100
    with Sink([Answer(status=500, delay=SLOWLY)]) as failing:
        subscription = make_subscription(tenant, failing.url)
        make_delivery(subscription)
        since = timezone.now() - timedelta(hours=200)
        Lane.objects.update(failing_since=since, failures=100, warned=90)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: failing.requests)
            services.disable(subscription, actor=make_actor())
            services.enable(subscription, actor=make_actor())
            notice_changes(drain)
            turn_to_the_end(drain)

    subscription.refresh_from_db()
    lane = Lane.objects.get()
    assert subscription.enabled
    assert (lane.failing_since, lane.failures, lane.warned) == (None, 0, 0)


def test_steady_trickle_is_signed_with_new_secrets_before_long(
    tenant: Tenant, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_lanes, "RENEW_SECONDS", 0.1)
    core_services.set_config_value(tenant, "api_key", "k-1", actor=make_actor())
    subscription = make_subscription(
        tenant,
        sink.url,
        headers=[{"name": "Authorization", "value": "Bearer {{config.api_key}}"}],
    )
    with Drain(linger=60) as drain:
        make_delivery(subscription)
        turn_until(drain, lambda: len(sink.requests) == 1)
        (new,) = services.rotate_secret(subscription, actor=make_actor(), overlap=timedelta(0))
        core_services.set_config_value(tenant, "api_key", "k-2", actor=make_actor())
        time.sleep(0.1)
        make_delivery(subscription)
        turn_until(drain, lambda: len(sink.requests) == 2)

    signatures = [each.headers["x-signature-256"] for each in sink.requests]
    bodies = [each.body for each in sink.requests]
    assert signatures == [
        signing.body_signature(SECRET, bodies[0]),
        signing.body_signature(new.secret, bodies[1]),
    ]
    assert [each.headers["authorization"] for each in sink.requests] == ["Bearer k-1", "Bearer k-2"]


def test_end_of_an_overlap_is_kept_by_a_worker_that_holds_both_secrets(
    tenant: Tenant, sink: Sink
) -> None:
    subscription = make_subscription(tenant, sink.url)
    (new,) = services.rotate_secret(subscription, actor=make_actor(), overlap=HOUR)
    with Drain(linger=60) as drain:
        make_delivery(subscription)
        turn_until(drain, lambda: len(sink.requests) == 1)
        with time_machine.travel(timezone.now() + HOUR):
            make_delivery(subscription)
            turn_until(drain, lambda: len(sink.requests) == 2)

    first, second = sink.requests
    assert first.headers["webhook-signature"].count("v1,") == 2
    assert second.headers["webhook-signature"].count("v1,") == 1
    expected = signing.body_signature(new.secret, second.body)
    assert second.headers["x-signature-256"] == expected


@pytest.mark.django_db(transaction=True)
def test_deletion_and_a_worker_at_full_speed_do_not_stop_each_other() -> None:
    tenant = make_tenant("acme")
    ended = threading.Event()
    failures: list[Exception] = []

    def work() -> None:
        try:
            with Drain(linger=60) as drain:
                while not ended.is_set():
                    drain.work()
                    drain.wait(0.01)
        except Exception as error:  # noqa: BLE001  # shown below, by the test itself
            failures.append(error)
        finally:
            connections.close_all()

    with Sink() as sink:
        doomed = [make_subscription(tenant, sink.url, name=f"No. {n}") for n in range(3)]
        for _ in range(400):
            publish(tenant)
        events.dispatch()
        worker = threading.Thread(target=work)
        worker.start()
        try:
            wait_until(lambda: len(sink.requests) > 100)
            for subscription in doomed:
                services.delete_subscription(subscription, actor=make_actor())
                deletion.erase_deleted()
        finally:
            ended.set()
            worker.join()
        # What the worker had locked at that moment was passed over.
        deletion.erase_deleted()

    assert failures == []
    for model in (Subscription, SigningSecret, Lane, Delivery, Attempt):
        assert not model._base_manager.exists()


def test_clock_put_forward_does_not_make_a_worker_take_its_own_queue_again(
    tenant: Tenant,
) -> None:
    with Sink([Answer(delay=0.2)]) as sink:
        make_subscription(tenant, sink.url, concurrency=1)
        for _ in range(4):
            publish(tenant)
        events.dispatch()
        with Drain() as drain:
            turn_until(drain, lambda: sink.requests)
            with time_machine.travel(timezone.now() + HOUR):
                turn_until(drain, lambda: not Delivery.objects.pending().exists())

    assert (len(sink.requests), sink.most_concurrent) == (4, 1)


@pytest.mark.parametrize("ahead", [HOUR, timedelta(days=400)])
def test_lease_of_a_worker_that_died_with_a_fast_clock_is_not_waited_for(
    tenant: Tenant, sink: Sink, ahead: timedelta
) -> None:
    subscription = make_subscription(tenant, sink.url)
    make_delivery(subscription)
    until = timezone.now() + ahead + timedelta(seconds=15)
    Lane.objects.update(owner="6ab9ad60-0c5b-4d5e-8c3f-0f2a5e1f8f5a", owned_until=until)

    attempts = delivering.drain()

    assert (attempts, len(sink.requests)) == (1, 1)


def test_new_secret_is_the_newest_also_after_a_clock_was_put_back(
    tenant: Tenant, sink: Sink
) -> None:
    with time_machine.travel(timezone.now() + HOUR):
        subscription = make_subscription(tenant, sink.url)
    (new,) = services.rotate_secret(subscription, actor=make_actor())
    make_delivery(subscription)

    delivering.drain()

    (request,) = sink.requests
    assert request.headers["x-signature-256"] == signing.body_signature(SECRET, request.body)
    sent_at = int(request.headers["webhook-timestamp"])
    message_id = request.headers["webhook-id"]
    first, _, _ = request.headers["webhook-signature"].partition(" ")
    assert first == signing.sign_v1(new.secret, message_id, sent_at, request.body)


def test_retry_by_hand_closes_the_circuit_whatever_the_clocks_say(tenant: Tenant) -> None:
    policy = {"maxRetries": 3, "retryDelay": 100}
    with Sink([Answer(status=503, delay=SLOWLY), Answer()]) as busy:
        subscription = make_subscription(tenant, busy.url, retry_policy=policy)
        delivery = make_delivery(subscription)
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: busy.requests)
            with time_machine.travel(timezone.now() - timedelta(seconds=5)):
                services.retry_now(delivery, actor=make_actor())
            turn_to_the_end(drain)

    lane = Lane.objects.get()
    assert (lane.trips, lane.paused_until) == (0, None)


def test_attempt_during_which_the_clock_went_a_month_ahead_is_written_down(
    tenant: Tenant,
) -> None:
    with Sink([Answer(delay=5)]) as slow:
        make_delivery(make_subscription(tenant, slow.url, timeout_seconds=1))
        with Drain(lease=LEASE) as drain:
            turn_until(drain, lambda: slow.requests)
            with time_machine.travel(timezone.now() + timedelta(days=30)):
                turn_until(drain, Attempt.objects.exists)

    attempt = Attempt.objects.get()
    assert (attempt.error_code, attempt.duration_ms) == ("DEADLINE_EXCEEDED", 3_600_000)
