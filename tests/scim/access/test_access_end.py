"""Whoever is deactivated loses all access at once, and gets none of the old back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core import services as core_services
from core.models import ApiKey, AuditEntry, Tenant, User
from scim.models import Account, ProvisioningEntry
from tests.makers import make_actor, make_key_row
from tests.scim.access.managed import manage, managed, person, role, setting
from tests.scim.asking import Asker
from tests.staff import PASSWORD, make_staff, sign_in

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events"
NAME = "ann@example.com"


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return managed(tenant)


@pytest.fixture
def ann(tenant: Tenant, ask: Asker) -> str:
    """Somebody who has worked here before the directory came; return the path of the user."""
    make_staff("ann", tenant)
    user = ask.user(NAME)["id"]
    role(tenant, "Readers", ["Drivers"])
    ask.group("Drivers", [user])
    return f"/Users/{user}"


def token_of(tenant: Tenant, user: User) -> str:
    new = core_services.create_api_client(
        tenant, name="Portal", scopes=["events:read", "events:write"], actor=make_actor()
    )
    AccessToken.objects.create(
        token="of-ann",
        user=user,
        application=new.client,
        expires=timezone.now() + timedelta(hours=1),
        scope="events:read events:write",
    )
    return "of-ann"


def key_of(tenant: Tenant, user: User) -> str:
    new = core_services.create_api_key(
        tenant, name="of ann", scopes=["events:read", "events:write"], actor=make_actor()
    )
    ApiKey.objects.filter(pk=new.key.pk).update(owner=user)
    return new.secret


def status(secret: str) -> int:
    answer = Client().get(EVENTS, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
def test_sessions_tokens_and_keys_end_at_once(
    tenant: Tenant, ask: Asker, ann: str, how: str
) -> None:
    browser = sign_in(person(NAME))
    secrets = [token_of(tenant, person(NAME)), key_of(tenant, person(NAME))]
    other = make_key_row(tenant, "events:read")
    before = (browser.get("/admin/").status_code, [status(each) for each in secrets])

    if how == "deactivated":
        ask.patch(ann, setting("active", False))
    else:
        ask("DELETE", ann)

    assert before == (200, [200, 200])
    assert browser.get("/admin/").status_code == 302
    assert [status(each) for each in secrets] == [401, 401]
    assert ApiKey.objects.get(pk=other.pk).revoked_at is None
    assert AuditEntry.objects.filter(action="staff.access_ended").count() == 1


def test_nothing_old_comes_back_with_the_user(tenant: Tenant, ask: Asker, ann: str) -> None:
    browser = sign_in(person(NAME))
    secrets = [token_of(tenant, person(NAME)), key_of(tenant, person(NAME))]
    ask.patch(ann, setting("active", False))

    ask.patch(ann, setting("active", True))

    assert person(NAME).is_active
    assert person(NAME).api_scopes == ["events:read"]
    assert browser.get("/admin/").status_code == 302
    assert [status(each) for each in secrets] == [401, 401]
    assert Client().login(username=NAME, password=PASSWORD)


def test_user_that_comes_again_after_it_was_deleted_is_somebody_new(
    tenant: Tenant, ask: Asker
) -> None:
    first = ask.user("bob")["id"]
    before = person("bob").pk
    ask("DELETE", f"/Users/{first}")

    ask.user("bob")

    assert person("bob").is_active
    assert person("bob").pk != before


def test_somebody_of_staff_who_was_deleted_comes_back_by_the_hand_of_staff_only(
    tenant: Tenant, ask: Asker, ann: str
) -> None:
    ask("DELETE", ann)

    ask.user(NAME)

    assert not person(NAME).is_active
    assert not Client().login(username=NAME, password=PASSWORD)


def test_whom_staff_have_switched_off_no_push_lets_in(tenant: Tenant, ask: Asker, ann: str) -> None:
    User.objects.filter(username=NAME).update(is_active=False)

    ask.patch(ann, setting("active", False))
    ask.patch(ann, setting("active", True))
    ask.group("Pilots", [ann.removeprefix("/Users/")])

    assert not person(NAME).is_active


def test_roles_decide_what_tokens_and_keys_of_a_person_may(
    tenant: Tenant, ask: Asker, ann: str
) -> None:
    secrets = [token_of(tenant, person(NAME)), key_of(tenant, person(NAME))]
    body = {"type": "parcel.lost", "data": {}}

    answers = [
        Client().post(
            EVENTS,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {each}"},
        )
        for each in secrets
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert [status(each) for each in secrets] == [200, 200]


@pytest.mark.parametrize("whose", ["an operator's", "another tenant's"])
def test_account_of_others_is_never_linked(
    tenant: Tenant, stranger: Tenant, ask: Asker, whose: str
) -> None:
    theirs = make_staff("ann", stranger if whose == "another tenant's" else None)

    user = ask.user(NAME)
    ask.patch(f"/Users/{user['id']}", setting("active", False))

    theirs.refresh_from_db()
    assert theirs.is_active
    assert theirs.api_scopes is None
    assert not Account.objects.exists()
    created = ProvisioningEntry.objects.get(action="user.created")
    assert created.rules == [
        {"rule": "account", "where": f"{NAME} has no account: the name is taken, or too long"}
    ]


def test_person_who_was_made_an_operator_is_left_alone(
    tenant: Tenant, ask: Asker, ann: str
) -> None:
    User.objects.filter(username=NAME).update(tenant=None)

    ask.patch(ann, setting("active", False))

    assert person(NAME).is_active


def test_new_user_gets_an_account_that_follows_the_directory(tenant: Tenant, ask: Asker) -> None:
    emails = [{"value": "bob@example.com"}]
    user = ask.user("bob", name={"givenName": "Bob", "familyName": "Bay"}, emails=emails)["id"]
    made = person("bob")

    ask.patch(f"/Users/{user}", setting("userName", "robert"), setting("name.familyName", "Boy"))

    assert (made.tenant, made.email, made.first_name) == (tenant, "bob@example.com", "Bob")
    assert not made.has_usable_password()
    assert not made.is_staff
    made.refresh_from_db()
    assert (made.username, made.last_name) == ("robert", "Boy")


def test_switching_off_closes_made_accounts_and_leaves_the_others_to_staff(
    tenant: Tenant, ask: Asker, ann: str
) -> None:
    ask.user("bob")

    manage(tenant, manages=False)

    assert not person("bob").is_active
    assert person(NAME).is_active
    assert person(NAME).api_scopes is None


def test_refused_change_ends_nothing(tenant: Tenant, ask: Asker, ann: str) -> None:
    ask.user("bob")

    answer = ask.patch(ann, setting("active", False), setting("userName", "bob"))

    assert answer.status_code == 409
    assert person(NAME).is_active
