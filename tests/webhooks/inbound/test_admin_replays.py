"""Having messages become events again, from the admin."""

import pytest
from django.test import Client

from core.models import AuditEntry, Event, Tenant
from tests.endpoints import make_endpoint, make_message, make_processed
from tests.staff import act, make_onlooker, page_of, text_of
from webhooks.inbound import processing
from webhooks.models import Message
from webhooks.services import messages as message_services

pytestmark = pytest.mark.django_db

SINCE = {"endpoint": "", "since": "2020-01-01T00:00", "until": ""}
COUNTED = {**SINCE, "counted": " / 2020-01-01T00:00 / "}


def states() -> list[str]:
    """Return the states of all messages, the oldest first."""
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def test_one_is_replayed_after_asking(acme_staff: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))

    acme_staff.get(page_of(Message, "replay", message.pk))
    state_after_asking = states()
    done = act(acme_staff, Message, "replay", message.pk)
    processing.process()

    assert state_after_asking == ["processed"]
    assert "The message becomes an event again." in text_of(done)
    assert Event.objects.filter(type="inbound.code.push").count() == 2


def test_one_that_waits_anyway_is_not_replayed(acme_staff: Client, tenant: Tenant) -> None:
    message = make_message(make_endpoint(tenant))

    page = text_of(acme_staff.get(page_of(Message, "change", message.pk)))
    done = act(acme_staff, Message, "replay", message.pk)

    assert page_of(Message, "replay", message.pk) not in page
    assert "The message is about to become an event already." in text_of(done)
    assert not AuditEntry.objects.filter(action="message.replayed").exists()


def test_the_chosen_ones_are_counted_before_they_are_replayed(
    acme_staff: Client, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)
    chosen = [make_processed(endpoint, f"d-{number}").pk for number in range(3)]
    chosen.append(make_message(endpoint, "d-3").pk)
    make_message(endpoint, "d-4")
    form = {"action": "replay_chosen", "_selected_action": chosen}

    asked = text_of(acme_staff.post(page_of(Message, "changelist"), form))
    states_after_asking = states()
    done = act(acme_staff, Message, "changelist", **form)

    assert "3 of the 4 chosen can become events once more" in asked
    assert states_after_asking == ["processed"] * 3 + ["received"] * 2
    assert "3 messages become events again." in text_of(done)
    assert states() == ["received"] * 5


def test_operators_replay_chosen_ones_of_several_tenants(
    operator: Client, tenant: Tenant, stranger: Tenant
) -> None:
    chosen = [make_processed(make_endpoint(each)).pk for each in (tenant, stranger)]
    form = {"action": "replay_chosen", "_selected_action": chosen}

    done = act(operator, Message, "changelist", **form)

    assert "2 messages become events again." in text_of(done)
    assert AuditEntry.objects.filter(action="messages.replayed").count() == 2


def test_a_window_is_counted_before_it_is_replayed(acme_staff: Client, tenant: Tenant) -> None:
    make_processed(make_endpoint(tenant))
    url = page_of(Message, "replay_window")

    asked = text_of(acme_staff.get(url))
    counted = text_of(acme_staff.post(url, SINCE))
    states_after_counting = states()
    done = act(acme_staff, Message, "replay_window", **COUNTED)

    assert "can become" not in asked
    assert "1 message can become an event again." in counted
    assert states_after_counting == ["processed"]
    assert "1 message becomes an event again." in text_of(done)
    assert states() == ["received"]


def test_a_window_of_one_endpoint_leaves_the_others_alone(
    acme_staff: Client, tenant: Tenant
) -> None:
    endpoint = make_endpoint(tenant)
    make_processed(endpoint)
    make_processed(make_endpoint(tenant, name="Other", path="other"))
    window = {**SINCE, "endpoint": endpoint.pk}
    counted = f"{endpoint.pk} / 2020-01-01T00:00 / "

    act(acme_staff, Message, "replay_window", **window, counted=counted)

    assert states() == ["received", "processed"]


def test_a_window_that_was_not_counted_is_counted_again(acme_staff: Client, tenant: Tenant) -> None:
    make_processed(make_endpoint(tenant))
    changed = {**COUNTED, "since": "2021-01-01T00:00"}

    page = text_of(act(acme_staff, Message, "replay_window", **changed))

    assert "What is to be replayed has changed since it was counted." in page
    assert states() == ["processed"]


@pytest.mark.parametrize(
    "typed",
    [
        {"since": "", "until": ""},
        {"since": "lately", "until": ""},
        {"since": "2026-03-02T08:00", "until": "2026-03-02T07:00"},
        {"since": "0001-01-01T00:00:00+14:00", "until": ""},
        {"since": "2020-01-01T00:00", "until": "", "endpoint": "ept_nobody"},
        {"since": "2020-01-01T00:00", "until": "", "endpoint": "\x00"},
    ],
)
def test_a_window_that_makes_no_sense_replays_nothing(
    acme_staff: Client, tenant: Tenant, typed: dict[str, str]
) -> None:
    make_processed(make_endpoint(tenant))
    counted = f"{typed.get('endpoint', '')} / {typed['since']} / {typed['until']}"

    answer = act(acme_staff, Message, "replay_window", **typed, counted=counted)

    assert answer.status_code == 200
    assert "patchbay-problem" in text_of(answer)
    assert states() == ["processed"]


def test_a_window_of_too_many_is_refused_with_their_number(
    acme_staff: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_services, "MOST_AT_ONCE", 1)
    endpoint = make_endpoint(tenant)
    for number in range(2):
        make_processed(endpoint, f"d-{number}")

    page = text_of(act(acme_staff, Message, "replay_window", **COUNTED))

    assert "There are 2 messages to replay, and at most 1 are replayed at once" in page
    assert states() == ["processed", "processed"]


def test_a_window_cannot_reach_into_another_tenant(globex_staff: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    reaching = {**SINCE, "endpoint": message.endpoint_id}
    counted = f"{message.endpoint_id} / 2020-01-01T00:00 / "

    named = text_of(act(globex_staff, Message, "replay_window", **reaching, counted=counted))
    all_of_them = text_of(act(globex_staff, Message, "replay_window", **COUNTED))
    one = act(globex_staff, Message, "replay", message.pk)

    assert "Select a valid choice" in named
    assert "0 messages become events again." in all_of_them
    assert one.status_code == 404
    assert states() == ["processed"]


def test_an_operator_says_whose_window_it_is(operator: Client, tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    counted = f"{message.endpoint_id} / 2020-01-01T00:00 / "

    unsaid = text_of(act(operator, Message, "replay_window", **COUNTED))
    states_before = states()
    window = {**SINCE, "endpoint": message.endpoint_id}
    act(operator, Message, "replay_window", **window, counted=counted)

    assert "This field is required." in unsaid
    assert (states_before, states()) == (["processed"], ["received"])


def test_who_may_only_look_replays_nothing(tenant: Tenant) -> None:
    message = make_processed(make_endpoint(tenant))
    onlooker = make_onlooker(tenant)
    form = {"action": "replay_chosen", "_selected_action": [message.pk]}

    statuses = [
        act(onlooker, Message, "replay", message.pk).status_code,
        act(onlooker, Message, "replay_window", **COUNTED).status_code,
    ]
    act(onlooker, Message, "changelist", **form)

    assert statuses == [403, 403]
    assert states() == ["processed"]
