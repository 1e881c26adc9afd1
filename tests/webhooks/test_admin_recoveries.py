"""Recovering, retrying and long replays in the admin."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Tenant
from tests.makers import make_actor
from tests.staff import page_of, text_of
from tests.subscriptions import give_up, make_delivery, make_replay, make_subscription
from webhooks import services
from webhooks.models import Delivery, Lane, Replay, Subscription
from webhooks.services import recoveries

State = Delivery.State
SINCE = {"since": "2020-01-01T00:00", "until": ""}
CONFIRMED = {**SINCE, "counted": "2020-01-01T00:00 / ", "sure": "yes"}


def recover_url(subscription: Subscription) -> str:
    return reverse("admin:webhooks_subscription_recover", args=[subscription.pk])


def dead_delivery(tenant: Tenant) -> Delivery:
    delivery = make_delivery(make_subscription(tenant))
    give_up(delivery)
    return delivery


def test_recovery_is_counted_before_anything_is_done(acme_staff: Client, tenant: Tenant) -> None:
    delivery = dead_delivery(tenant)
    url = recover_url(delivery.subscription)

    asked = text_of(acme_staff.get(url))
    counted = text_of(acme_staff.post(url, SINCE))
    delivery.refresh_from_db()
    state = delivery.state
    done = acme_staff.post(url, CONFIRMED, follow=True)

    delivery.refresh_from_db()
    assert "can be sent again" not in asked
    assert "1 delivery can be sent again." in counted
    assert "1 delivery is sent again." in text_of(done)
    assert (state, delivery.state) == (State.DEAD, State.PENDING)


@pytest.mark.parametrize(
    "typed",
    [
        {"since": "", "until": ""},
        {"since": "lately", "until": ""},
        {"since": "2026-03-02T08:00", "until": "2026-03-02T07:00"},
        {"since": "0001-01-01T00:00:00+14:00", "until": ""},
        {"since": "2026-03-02T08:00", "until": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_span_that_makes_no_sense_recovers_nothing(
    acme_staff: Client, tenant: Tenant, typed: dict[str, str]
) -> None:
    delivery = dead_delivery(tenant)

    counted = f"{typed['since']} / {typed['until']}"
    answer = acme_staff.post(
        recover_url(delivery.subscription), {**typed, "counted": counted, "sure": "yes"}
    )

    delivery.refresh_from_db()
    assert (answer.status_code, delivery.state) == (200, State.DEAD)
    assert "patchbay-problem" in text_of(answer)


def test_span_that_was_not_counted_is_counted_again(acme_staff: Client, tenant: Tenant) -> None:
    delivery = dead_delivery(tenant)
    changed = {**CONFIRMED, "since": "2021-01-01T00:00"}

    answer = text_of(acme_staff.post(recover_url(delivery.subscription), changed))

    delivery.refresh_from_db()
    assert "The time has changed since it was counted." in answer
    assert 'value="2021-01-01T00:00 / "' in answer
    assert delivery.state == State.DEAD


def test_long_recovery_leads_to_its_progress(
    acme_staff: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recoveries, "BATCH_SIZE", 1)
    delivery = dead_delivery(tenant)
    give_up(make_delivery(delivery.subscription))

    answer = acme_staff.post(recover_url(delivery.subscription), CONFIRMED, follow=True)

    replay = Replay.objects.get()
    assert answer.redirect_chain == [(page_of(Replay, "change", replay.pk), 302)]
    assert "0 of 2" in text_of(answer)
    assert replay.actor == "ann@example.com"


def test_replay_is_stopped_after_asking(acme_staff: Client, tenant: Tenant) -> None:
    replay = make_replay(tenant)
    url = reverse("admin:webhooks_replay_cancel", args=[replay.pk])

    acme_staff.get(url)
    replay.refresh_from_db()
    state_after_asking = replay.state
    acme_staff.post(url)
    again = acme_staff.post(url, follow=True)

    replay.refresh_from_db()
    assert (state_after_asking, replay.state) == ("running", "canceled")
    assert "The replay is over." in text_of(again)


def test_pending_delivery_is_sent_now_after_asking(acme_staff: Client, tenant: Tenant) -> None:
    delivery = make_delivery(make_subscription(tenant))
    later = timezone.now() + timedelta(hours=3)
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=later)
    url = reverse("admin:webhooks_delivery_retry", args=[delivery.pk])

    acme_staff.get(url)
    delivery.refresh_from_db()
    after_asking = delivery.next_attempt_at
    acme_staff.post(url)

    delivery.refresh_from_db()
    assert after_asking == later
    assert delivery.next_attempt_at is not None
    assert delivery.next_attempt_at <= timezone.now()


@pytest.mark.parametrize("action", ["replay", "retry"])
def test_page_says_that_the_subscription_is_switched_off(
    acme_staff: Client, tenant: Tenant, action: str
) -> None:
    delivery = dead_delivery(tenant)
    services.disable(delivery.subscription, actor=make_actor())

    answers = [
        acme_staff.post(
            reverse(f"admin:webhooks_delivery_{action}", args=[delivery.pk]), follow=True
        ),
        acme_staff.post(recover_url(delivery.subscription), SINCE, follow=True),
    ]

    for answer in answers:
        assert "Warehouse is switched off" in text_of(answer)


@pytest.mark.parametrize(
    ("lane", "label", "words"),
    [
        ({}, "well", "Circuit closed"),
        ({"failures": 3, "failing_since": -60}, "failing", "3 attempts without a success"),
        ({"trips": 1, "paused_until": 600, "failures": 10}, "paused", "Circuit open"),
        ({"trips": 1, "paused_until": -60, "failures": 10}, "trying again", "Circuit half open"),
        ({"paused_until": 600}, "well", "to keep to the rate"),
    ],
)
def test_list_and_page_show_how_the_receiver_is_doing(
    acme_staff: Client, tenant: Tenant, lane: dict[str, int], label: str, words: str
) -> None:
    row = make_subscription(tenant)
    now = timezone.now()
    moments = {
        name: now + timedelta(seconds=value) if name in {"paused_until", "failing_since"} else value
        for name, value in lane.items()
    }
    Lane.objects.filter(subscription=row).update(**moments)

    listed = text_of(acme_staff.get(page_of(Subscription, "changelist")))
    shown = text_of(acme_staff.get(page_of(Subscription, "change", row.pk)))

    assert re.search(rf">\s*{label}\s*<", listed, re.IGNORECASE)
    assert words in shown
