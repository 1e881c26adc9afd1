"""What was received becomes events: once each, in spite of faults, and again when somebody asks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Event, Tenant
from tests.endpoints import make_endpoint, make_message, make_processed, post, push, signed
from tests.makers import make_actor
from tests.parallel import in_threads
from webhooks import services
from webhooks.errors import NotReplayableError, TooManyMessagesError
from webhooks.inbound import processing
from webhooks.models import Message
from webhooks.services import MessageSpan, messages

pytestmark = pytest.mark.django_db


def received_types() -> list[str]:
    """Return the types of all events that messages became."""
    rows = Event.objects.filter(type__startswith="inbound.").order_by("id")
    return list(rows.values_list("type", flat=True))


@pytest.mark.parametrize(
    ("content_type", "body", "form", "value"),
    [
        ("application/json", b'{"a": [1, 2.5, null]}', "json", {"a": [1, 2.5, None]}),
        ("text/plain", b"[1]", "json", [1]),
        ("application/json", b'{"a": 1, "a": 2}', "text", '{"a": 1, "a": 2}'),
        ("application/json", b"{", "text", "{"),
        ("application/x-www-form-urlencoded", b"a=1&b=&a=2", "form", {"a": ["1", "2"], "b": ""}),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=%C3%A9", "form", {"a": "é"}),
        ("application/x-www-form-urlencoded", b"a=%00", "text", "a=%00"),
        ("application/octet-stream", b"\xff\xfe", "base64", "//4="),
        ("text/plain", b"a\x00b", "text", "a�b"),
        ("application/json", b"[" * 5_000, "text", "[" * 5_000),
        ("", b"", "none", None),
    ],
)
def test_whatever_body_arrives_is_in_the_event(
    tenant: Tenant, content_type: str, body: bytes, form: str, value: object
) -> None:
    endpoint = make_endpoint(tenant)
    post(endpoint, signed(endpoint, body, {"content-type": content_type}))

    processing.process()

    data = Event.objects.get(type="inbound.code.received").data
    assert (data["format"], data["body"]) == (form, value)


@pytest.mark.parametrize(
    ("event_type", "named"),
    [
        ("body:ref", "inbound.code.refs.heads.main"),
        ("body:commits[0].id", "inbound.code.c0ffee"),
        ("header:X-Nothing", "inbound.code.received"),
        ("deployed", "inbound.code.deployed"),
    ],
)
def test_the_kind_of_event_is_where_the_endpoint_says(
    tenant: Tenant, event_type: str, named: str
) -> None:
    make_processed(make_endpoint(tenant, event_type=event_type))

    assert received_types() == [named]


def test_a_message_that_cannot_become_an_event_hinders_no_other(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = make_endpoint(tenant)
    good, bad = make_message(endpoint, "good"), make_message(endpoint, "bad")
    Message.objects.filter(pk=bad.pk).update(headers=["not a pair"])

    processing.process()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.failures) == ("processed", "received", 1)
    assert bad.error.startswith("ValueError")
    assert bad.due_at is not None
    assert bad.due_at > timezone.now()
    assert received_types() == ["inbound.code.push"]


def test_what_fails_again_and_again_is_given_up_and_can_be_replayed(tenant: Tenant) -> None:
    message = make_message(make_endpoint(tenant))
    headers = message.headers
    Message.objects.update(headers=["not a pair"])
    for _ in range(processing.MAX_FAILURES):
        Message.objects.update(due_at=timezone.now())
        processing.process()
    message.refresh_from_db()
    given_up = (message.state, message.due_at)

    Message.objects.update(headers=headers)
    services.replay_message(message, actor=make_actor())
    processing.process()

    message.refresh_from_db()
    assert given_up == ("failed", None)
    assert (message.state, message.error, message.failures) == ("processed", "", 0)
    assert received_types() == ["inbound.code.push"]


def test_a_replay_is_a_second_event_of_the_same_message(tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))

    services.replay_message(message, actor=make_actor())
    processing.process()

    first, second = Event.objects.filter(type="inbound.code.push").order_by("id")
    message.refresh_from_db()
    assert message.event_id == second.id
    assert first.data == second.data
    assert second.occurred_at > first.occurred_at


def test_what_waits_already_or_has_been_erased_is_not_replayed(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)
    waiting, erased = make_message(endpoint, "waiting"), make_processed(endpoint, "erased")
    Message.objects.filter(pk=erased.pk).update(body=None)
    Message.objects.filter(pk=waiting.pk).update(
        state="received", due_at=timezone.now(), processed_at=None
    )

    for message, reason in ((waiting, "about to become"), (erased, "has been erased")):
        with pytest.raises(NotReplayableError, match=reason):
            services.replay_message(message, actor=make_actor())


def test_a_window_is_replayed_for_one_endpoint_or_for_all(
    tenant: Tenant, stranger: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, shop = make_endpoint(tenant), make_endpoint(tenant, path="shop")
    for endpoint in (code, shop, make_endpoint(stranger)):
        make_processed(endpoint)
    now = timezone.now()
    span = MessageSpan(since=now - timedelta(hours=1), until=now)
    of_shop = MessageSpan(since=span.since, until=now, endpoint=shop)
    counts = [services.count_replayable(tenant, each) for each in (span, of_shop)]

    replayed = services.replay_span(tenant, of_shop, actor=make_actor())

    monkeypatch.setattr(messages, "MOST_AT_ONCE", 0)
    with pytest.raises(TooManyMessagesError, match="1 messages to replay, and at most 0"):
        services.replay_span(tenant, span, actor=make_actor())
    assert (counts, replayed) == ([2, 1], 1)
    assert Message.objects.filter(state="received").get().endpoint == shop


def test_large_messages_come_in_small_batches(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = make_endpoint(tenant)
    for number in range(3):
        make_message(endpoint, f"d-{number}")
    monkeypatch.setattr(processing, "BATCH_BYTES", 1)

    first = processing.process_batch(tenant, timezone.now())

    assert first == 1
    assert processing.process() == 2
    assert len(received_types()) == 3


@pytest.mark.django_db(transaction=True)
def test_of_fifty_copies_at_once_one_becomes_an_event(tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant)

    answers = in_threads(50, lambda _: push(endpoint, "d-1").status_code)
    processing.process()

    message = Message.objects.get()
    assert answers == [200] * 50
    assert (message.repeats, received_types()) == (49, ["inbound.code.push"])
