"""Messages over the API."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import AuditEntry, Event, Tenant
from tests.endpoints import PUSH, SECRET, make_endpoint, make_message, make_processed, post, push
from tests.endpoints import signed as signed_by
from tests.inbound import make_own_message
from webhooks.inbound import processing, retention
from webhooks.models import Message
from webhooks.services import messages

BASE = "/api/v1/webhooks/messages"
STATE = "known-to-both"
LONG_AGO = "2020-01-01T00:00:00Z"


def ids_of(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()["data"]]


def test_message_shows_what_was_received_and_why_it_was_believed(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)
    message = make_processed(endpoint)
    push(endpoint)

    answer = api.get(f"{BASE}/{message.id}")

    shown = answer.json()
    assert answer.status_code == 200
    assert (shown["endpoint"], shown["key"], shown["method"]) == (endpoint.id, "d-1", "POST")
    assert (shown["state"], shown["event_type"]) == ("processed", "inbound.code.push")
    assert shown["event"] == Event.objects.get(type="inbound.code.push").id
    assert (json.loads(shown["body"]), shown["body_base64"]) == (PUSH, None)
    assert shown["size"] == len(json.dumps(PUSH))
    assert {"name": "x-github-delivery", "value": "d-1"} in shown["headers"]
    assert {"name": "x-hub-signature-256", "value": "••••••"} in shown["headers"]
    assert shown["trace"] == [
        "The signature matched secret 1 of 1",
        "Repeats are told by header:X-GitHub-Delivery",
    ]
    assert shown["answer"] == {
        "status_code": 200,
        "content_type": "application/json",
        "body": '{"received": true}',
    }
    assert (shown["repeats"], shown["failures"], shown["error"]) == (1, 0, "")
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        ("é".encode(), "é"),
        (b"\xff\xfe", None),
        (b"a\x00b", None),
    ],
)
def test_body_that_is_no_text_is_shown_as_its_bytes(
    api: APIClient, tenant: Tenant, body: bytes, text: str | None
) -> None:
    endpoint = make_endpoint(tenant)
    post(endpoint, signed_by(endpoint, body))

    shown = api.get(f"{BASE}/{Message.objects.get().id}").json()

    whole = base64.b64encode(body).decode()
    assert (shown["body"], shown["body_base64"]) == (text, whole if text is None else None)


def test_secret_that_its_sender_writes_into_the_body_is_not_shown(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant, scheme="microsoft_graph", path="graph", secret=STATE)
    notice = b'{"value": [{"changeType": "updated"}]}'
    post(endpoint, signed_by(endpoint, notice, secret=STATE))
    message = Message.objects.get()
    assert STATE.encode() in bytes(message.body or b"")

    answer = api.get(f"{BASE}/{message.id}")

    assert STATE not in answer.content.decode()
    assert json.loads(answer.json()["body"])["value"] == [
        {"changeType": "updated", "clientState": "••••••"}
    ]


def test_erased_message_shows_that_it_was_received(api: APIClient, tenant: Tenant) -> None:
    message = make_own_message(tenant)
    retention.erase_bodies(tenant, timezone.now() + timedelta(hours=1))

    shown = api.get(f"{BASE}/{message.id}").json()

    assert (shown["body"], shown["body_base64"], shown["headers"]) == (None, None, [])
    assert (shown["state"], shown["size"]) == ("processed", len(json.dumps(PUSH)))


def test_list_shows_the_newest_first_and_pages_without_what_was_received(
    api: APIClient, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)
    ids = [make_message(endpoint, f"d-{number}").id for number in range(3)]

    first = api.get(BASE, {"limit": 2}).json()
    second = api.get(BASE, {"limit": 2, "cursor": first["next_cursor"]}).json()

    rows = first["data"] + second["data"]
    assert [row["id"] for row in rows] == ids[::-1]
    assert {"body", "headers", "trace", "answer"} & set(rows[0]) == set()


def test_list_is_narrowed_down(api: APIClient, tenant: Tenant) -> None:
    code, shop = make_endpoint(tenant), make_endpoint(tenant, path="shop")
    old = make_processed(code, "d-1")
    failed, new = make_message(code, "d-2"), make_message(shop, "d-3")
    hour_ago = timezone.now() - timedelta(hours=1)
    Message.objects.filter(pk=old.pk).update(received_at=hour_ago)
    Message.objects.filter(pk=failed.pk).update(state="failed", due_at=None)
    since = (hour_ago + timedelta(minutes=1)).isoformat()

    narrowed = {
        name: ids_of(api.get(BASE, query))
        for name, query in {
            "endpoint": {"endpoint": code.id},
            "state": {"state": "failed"},
            "states": {"state": "received,processed"},
            "type": {"event_type": "inbound.code.push"},
            "since": {"since": since},
            "until": {"until": since},
        }.items()
    }

    assert narrowed == {
        "endpoint": [failed.id, old.id],
        "state": [failed.id],
        "states": [new.id, old.id],
        "type": [old.id],
        "since": [new.id, failed.id],
        "until": [old.id],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"endpoint": "sub_1"},
        {"state": "lost"},
        {"event_type": "inbound.*"},
        {"since": "yesterday"},
        {"status": "failed"},
    ],
)
def test_filter_that_cannot_be_is_refused(api: APIClient, query: dict[str, str]) -> None:
    answer = api.get(BASE, query)

    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_PARAMETER")


def test_message_becomes_an_event_again(api: APIClient, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))

    answer = api.post(f"{BASE}/{message.id}/replay")
    processing.process()

    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert Event.objects.filter(type="inbound.code.push").count() == 2
    assert AuditEntry.objects.filter(action="message.replayed").count() == 1


def test_message_that_waits_or_was_erased_is_not_replayed(api: APIClient, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    erased, waiting = make_processed(endpoint, "d-1"), make_message(endpoint, "d-2")
    Message.objects.filter(pk=erased.pk).update(body=None)

    answers = [api.post(f"{BASE}/{each.id}/replay") for each in (waiting, erased)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert [answer.json()["message"] for answer in answers] == [
        "The message is about to become an event already.",
        "The body of the message has been erased, so there is nothing left to replay.",
    ]
    erased.refresh_from_db()
    assert erased.state == "processed"


def test_window_is_counted_first_and_replayed_then(api: APIClient, tenant: Tenant) -> None:
    mine, other = make_own_message(tenant), make_own_message(tenant)
    asked = {"since": LONG_AGO, "endpoint": mine.endpoint_id}

    counted = api.post(f"{BASE}/replay", {**asked, "dry_run": True})
    before = Message.objects.filter(state="received").count()
    done = api.post(f"{BASE}/replay", asked)
    rest = api.post(f"{BASE}/replay", {"since": LONG_AGO})

    assert (counted.status_code, counted.json(), before) == (200, {"count": 1}, 0)
    assert (done.status_code, done.json()) == (202, {"count": 1})
    assert (rest.status_code, rest.json()) == (202, {"count": 1})
    other.refresh_from_db()
    assert other.state == "received"


def test_window_ends_before_until(api: APIClient, tenant: Tenant) -> None:
    message = make_own_message(tenant)

    answer = api.post(
        f"{BASE}/replay", {"since": LONG_AGO, "until": message.received_at.isoformat()}
    )

    assert answer.json() == {"count": 0}
    message.refresh_from_db()
    assert message.state == "processed"


def test_window_with_too_many_messages_is_refused(
    api: APIClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = make_own_message(tenant)
    monkeypatch.setattr(messages, "MOST_AT_ONCE", 0)

    answer = api.post(f"{BASE}/replay", {"since": LONG_AGO})

    assert (answer.status_code, answer.json()["error"]) == (422, "TOO_MANY_MESSAGES")
    assert answer.json()["details"] == {"count": 1}
    message.refresh_from_db()
    assert message.state == "processed"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": LONG_AGO, "until": LONG_AGO}, "until"),
        ({"since": LONG_AGO, "state": "failed"}, "state"),
        ({"since": LONG_AGO, "dry_run": "yes"}, "dry_run"),
    ],
)
def test_window_that_cannot_be_is_refused(
    api: APIClient, tenant: Tenant, body: dict[str, str], path: str
) -> None:
    message = make_own_message(tenant)

    answer = api.post(f"{BASE}/replay", body)

    assert answer.status_code == 422
    assert [detail["path"] for detail in answer.json()["details"]] == [path]
    message.refresh_from_db()
    assert message.state == "processed"


def test_stranger_replays_nothing(tenant: Tenant, stranger_api: APIClient) -> None:
    message = make_own_message(tenant)

    answers = [
        stranger_api.get(f"{BASE}/{message.id}"),
        stranger_api.post(f"{BASE}/{message.id}/replay"),
        stranger_api.post(f"{BASE}/replay", {"since": LONG_AGO, "endpoint": message.endpoint_id}),
        stranger_api.post(f"{BASE}/replay", {"since": LONG_AGO}),
        stranger_api.get(BASE, {"endpoint": message.endpoint_id}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 202, 200]
    assert (answers[3].json(), answers[4].json()["data"]) == ({"count": 0}, [])
    message.refresh_from_db()
    assert message.state == "processed"
