"""What a token may do at its own directory, and what becomes of those who guess tokens."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.guessing import GUESSES_PER_MINUTE
from core.models import AuditEntry, Event, Tenant
from scim.models import Directory, Resource
from tests.makers import make_key
from tests.once import ON_ONE_DATABASE
from tests.scim.asking import (
    BULK,
    ERROR,
    NOBODY,
    SEARCH,
    USER,
    WRONG,
    Asker,
    happened,
    opened,
    said,
    setting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def test_token_that_may_only_read_changes_nothing(ask: Asker, tenant: Tenant) -> None:
    user = ask.user("ann")
    reader = Asker("acme", make_key(tenant, "scim:read"))
    path, body = f"/Users/{user['id']}", {"schemas": [USER], "userName": "bob"}
    before = happened(tenant)
    bulk = {"schemas": [BULK], "Operations": [{"method": "DELETE", "path": path}]}

    answers = [
        reader("POST", "/Users", body),
        reader("PUT", path, body),
        reader.patch(path, setting("userName", "bob")),
        reader("DELETE", path),
    ]
    in_bulk = reader("POST", "/Bulk", bulk)

    assert [answer.status_code for answer in answers] == [403] * 4
    assert [said(answer)["schemas"] for answer in answers] == [[ERROR]] * 4
    assert [each["status"] for each in said(in_bulk)["Operations"]] == ["403"]
    assert reader.read(path) == user
    assert happened(tenant) == before


def test_token_that_may_only_write_reads_nothing(ask: Asker, tenant: Tenant) -> None:
    user = ask.user("ann")
    writer = Asker("acme", make_key(tenant, "scim:write"))

    answers = [
        writer("GET", f"/Users/{user['id']}"),
        writer("GET", "/Users"),
        writer("POST", "/Users/.search", {"schemas": [SEARCH]}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_token_without_scopes_of_the_directory_does_nothing(ask: Asker, tenant: Tenant) -> None:
    user = ask.user("ann")
    other = Asker("acme", make_key(tenant, "records:read", "records:write"))
    path, body = f"/Users/{user['id']}", {"schemas": [USER], "userName": "bob"}

    answers = [
        other("GET", path),
        other("GET", "/Users"),
        other("POST", "/.search", {"schemas": [SEARCH]}),
        other("POST", "/Users", body),
        other("PUT", path, body),
        other.patch(path, setting("userName", "bob")),
        other("DELETE", path),
    ]

    assert [answer.status_code for answer in answers] == [403] * 7
    assert ask.read(path) == user


def test_directory_that_is_switched_off_answers_nobody(ask: Asker, tenant: Tenant) -> None:
    Directory.objects.for_tenant(tenant).update(active=False)

    answers = [ask("GET", "/Users"), ask("POST", "/Users", {"schemas": [USER], "userName": "ann"})]

    assert [(answer.status_code, said(answer)["schemas"]) for answer in answers] == [
        (403, [ERROR])
    ] * 2
    assert Resource.objects.for_tenant(tenant).count() == 0


def test_token_of_an_inactive_tenant_is_wrong(ask: Asker, tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(active=False)

    answer = ask("POST", "/Users", {"schemas": [USER], "userName": "ann"})

    assert (answer.status_code, said(answer)) == (401, WRONG)
    assert Event.objects.for_tenant(tenant).count() == 0


@ON_ONE_DATABASE
def test_thousand_wrong_tokens_are_slowed_down_and_told_of(ask: Asker) -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        answers = [Asker("acme", f"{NOBODY}{number}")("GET", "/Users") for number in range(1_000)]
        own = ask("GET", "/Users")

    statuses = [answer.status_code for answer in answers]
    assert statuses == [401] * GUESSES_PER_MINUTE + [429] * (1_000 - GUESSES_PER_MINUTE)
    assert {answer.headers.get("Retry-After") for answer in answers[GUESSES_PER_MINUTE:]} == {"1"}
    assert said(answers[-1])["schemas"] == [ERROR]
    entry = AuditEntry.objects.get(action="credential.guessed")
    assert entry.details == {"address": "127.0.0.1", "limit_per_minute": GUESSES_PER_MINUTE}
    assert own.status_code == 200


def test_directory_remembers_when_it_was_asked_last_to_the_minute(tenant: Tenant) -> None:
    moments = [datetime(2026, 3, 1, 12, 0, second, tzinfo=UTC) for second in (0, 40)]
    later = datetime(2026, 3, 1, 12, 1, 1, tzinfo=UTC)
    with time_machine.travel(moments[0], tick=False):
        ask = opened(tenant)
    seen = []

    for moment in (*moments, later):
        with time_machine.travel(moment, tick=False):
            ask.read("/Users")
        seen.append(Directory.objects.get().last_request_at)

    assert seen == [moments[0], moments[0], later]


def test_stranger_is_no_sign_of_life(tenant: Tenant) -> None:
    opened(tenant)

    Asker("acme", NOBODY)("GET", "/Users")

    assert Directory.objects.get().last_request_at is None
