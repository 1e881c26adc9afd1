"""A secret that goes out with a request never comes back in what is kept or shown."""

import json
import logging
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from core import services as core_services
from core.models import AuditEntry, Event, Tenant
from tests.makers import make_actor
from tests.sinks import Answer, Sink
from tests.subscriptions import SECRET, make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks.models import Attempt

CONFIG_CANARY = "canary/in+config 4711"
HEADER_CANARY = "canary-in-a-header-0815"
SPELLINGS = (
    CONFIG_CANARY,
    quote(CONFIG_CANARY, safe=""),
    HEADER_CANARY,
    SECRET,
)


@pytest.fixture
def echo() -> Sink:
    return Sink([Answer(status=500, echo=True, headers={"X-Seen": f"Bearer {HEADER_CANARY}"})])


def test_no_secret_appears_in_attempts_answers_audit_or_log(
    tenant: Tenant, api: APIClient, echo: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    core_services.set_config_value(tenant, "crm_key", CONFIG_CANARY, actor=make_actor())
    with echo:
        subscription = make_subscription(
            tenant,
            f"{echo.url}/{{{{config.crm_key}}}}?secret={SECRET}",
            headers=[
                {"name": "Authorization", "value": f"Bearer {HEADER_CANARY}"},
                {"name": "X-Key", "value": "{{config.crm_key}}"},
            ],
            payload='{"key": "{{config.crm_key}}"}',
        )
        delivery = make_delivery(subscription)
        delivering.drain()
        base = "/api/v1/webhooks"
        answers = [
            api.get(f"{base}/deliveries/{delivery.id}"),
            api.get(f"{base}/deliveries/{delivery.id}/attempts"),
            api.post(f"{base}/subscriptions/{subscription.id}/test", {}),
            api.get(f"{base}/subscriptions/{subscription.id}"),
        ]
        preview = api.post(
            f"{base}/preview",
            {"event_type": "order.created", "payload": '{"key": "{{upper(config.crm_key)}}"}'},
        )

    assert len(echo.requests) == 2
    assert HEADER_CANARY in echo.requests[0].headers["authorization"]
    stored = json.dumps(
        [
            *Attempt.objects.values_list("response_body", "response_headers", "error"),
            *AuditEntry.objects.values_list("details", "target_label"),
            *Event.objects.values_list("data", flat=True),
        ],
        ensure_ascii=False,
    )
    assert "••••••" in stored
    shown = [answer.content.decode() for answer in [*answers[:3], preview]]
    # The URL is not secret, so the subscription shows the secret that somebody wrote into it.
    shown.append(answers[3].content.decode().replace(f"?secret={SECRET}", ""))
    shown[2] = (
        shown[2].replace(f"?secret={quote(SECRET, safe='=')}", "").replace(f"?secret={SECRET}", "")
    )
    for text in [stored, caplog.text, *shown]:
        assert [spelling for spelling in SPELLINGS if spelling in text] == []
    assert "CONFIG-CRM-KEY" in preview.content.decode()


def test_answer_is_kept_in_part_and_without_nul(tenant: Tenant) -> None:
    with Sink([Answer(status=200, body=b"a\x00b\xff" + b"c" * 70_000)]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))

        delivering.drain()

    attempt = Attempt.objects.get(delivery=delivery)
    assert attempt.response_body == "ab�" + "c" * 65_532


def test_secret_at_the_edge_of_what_is_kept_is_blotted_out(tenant: Tenant) -> None:
    body = b"x" * 4_090 + SECRET.encode()
    with Sink([Answer(status=200, body=body)]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))

        delivering.drain()

    attempt = Attempt.objects.get(delivery=delivery)
    assert attempt.response_body == "x" * 4_090 + "••••••"


def test_cookies_of_the_receiver_are_not_kept(tenant: Tenant) -> None:
    headers = {"Set-Cookie": "session=abc", "X-Node": "7"}
    with Sink([Answer(status=200, headers=headers)]) as sink:
        delivery = make_delivery(make_subscription(tenant, sink.url))

        delivering.drain()

    kept = dict(Attempt.objects.get(delivery=delivery).response_headers)
    assert (kept["Set-Cookie"], kept["X-Node"]) == ("••••••", "7")
