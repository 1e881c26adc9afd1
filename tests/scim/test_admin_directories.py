"""The directory in the admin: let an identity provider in, tell it how, and change what holds."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import ApiKey, AuditEntry, Tenant
from scim.models import Directory
from scim.profiles import PROFILES
from tests.makers import make_key_row
from tests.scim.asking import USER, Asker, opened, said
from tests.staff import shown_secret, text_of

pytestmark = pytest.mark.django_db
ADD = reverse("admin:scim_directory_add")
SETTINGS = {"profile": "okta", "active": "on"}


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def page() -> str:
    return reverse("admin:scim_directory_change", args=[Directory.objects.get().pk])


def new_token() -> str:
    return reverse("admin:scim_directory_new_token", args=[Directory.objects.get().pk])


@pytest.mark.parametrize("profile", PROFILES)
def test_new_directory_is_open_with_the_token_that_is_shown_once(
    operator: Client, tenant: Tenant, profile: str
) -> None:
    operator.post(ADD, {"tenant": tenant.pk, "profile": profile})

    ask = Asker(tenant.slug, shown_secret(operator))
    assert ask.user("ann")["userName"] == "ann"
    shown = text_of(operator.get(page()))
    assert f"/scim/v2/{tenant.slug}" in shown
    for step in PROFILES[profile].steps:
        assert step.title in shown
    for rule in PROFILES[profile].rules:
        assert rule.name in shown


def test_staff_of_a_tenant_open_their_own_directory(acme_staff: Client, stranger: Tenant) -> None:
    acme_staff.post(ADD, {"tenant": stranger.pk, "profile": "okta"})

    assert Directory.objects.get().tenant.slug == "acme"


def test_tenant_that_has_a_directory_is_not_offered_again(
    operator: Client, acme_staff: Client, ask: Asker
) -> None:
    before = ApiKey.objects.count()

    answers = [
        operator.post(ADD, {"tenant": Tenant.objects.get(slug="acme").pk, "profile": "okta"}),
        acme_staff.post(ADD, {"profile": "okta"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ApiKey.objects.count() == before


def test_changes_are_made_and_audited(acme_staff: Client, ask: Asker) -> None:
    acme_staff.post(page(), SETTINGS | {"unique_group_names": "on"})

    directory = Directory.objects.get()
    assert (directory.profile, directory.unique_group_names) == ("okta", True)
    entry = AuditEntry.objects.get(action="directory.changed")
    assert entry.details == {"profile": "okta", "unique_group_names": True}
    ask.group("Drivers")
    assert ask("POST", "/Groups", {"schemas": [], "displayName": "drivers"}).status_code in (
        400,
        409,
    )


def test_switched_off_nobody_comes_in(acme_staff: Client, ask: Asker) -> None:
    acme_staff.post(page(), {"profile": "okta"})

    assert ask("GET", "/Users").status_code == 403


def test_two_groups_of_one_name_are_named_before_one_is_demanded(
    acme_staff: Client, ask: Asker
) -> None:
    ask.group("Drivers")
    ask.group("drivers")

    answer = acme_staff.post(page(), SETTINGS | {"unique_group_names": "on"})

    assert "2 groups are named drivers" in text_of(answer)
    assert not Directory.objects.get().unique_group_names


def test_further_token_may_be_one_that_only_reads(acme_staff: Client, ask: Asker) -> None:
    acme_staff.post(new_token(), {"may": "read", "last_day": "2999-12-31"})

    reader = Asker("acme", shown_secret(acme_staff))
    assert said(reader("GET", "/Users"))["totalResults"] == 0
    assert reader("POST", "/Users", {"schemas": [USER], "userName": "ann"}).status_code == 403
    assert ask("GET", "/Users").status_code == 200
    key = ApiKey.objects.get(scopes=["scim:read"])
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2999-12-31T23:59:59.999999+00:00"


@pytest.mark.parametrize(
    "said", [{}, {"may": "everything"}, {"may": "read", "last_day": "2020-01-01"}]
)
def test_token_that_makes_no_sense_is_not_made(
    acme_staff: Client, ask: Asker, said: dict[str, str]
) -> None:
    answer = acme_staff.post(new_token(), said)

    assert answer.status_code == 200
    assert ApiKey.objects.count() == 1


def test_page_lists_the_tokens_of_this_directory_alone(
    acme_staff: Client, ask: Asker, tenant: Tenant, stranger: Tenant
) -> None:
    others = [make_key_row(tenant, "events:read"), make_key_row(stranger, "scim:read")]
    mine = ApiKey.objects.get(tenant=tenant, name="SCIM")

    shown = text_of(acme_staff.get(page()))

    assert mine.prefix in shown
    assert not any(key.prefix in shown for key in others)


@pytest.mark.parametrize("method", ["get", "post"])
def test_directory_of_another_tenant_is_out_of_reach(
    globex_staff: Client, ask: Asker, method: str
) -> None:
    answers = [getattr(globex_staff, method)(url, SETTINGS) for url in (page(), new_token())]

    assert all(answer.status_code in (302, 404) for answer in answers)
    assert Directory.objects.get().profile == "generic"
    assert ApiKey.objects.count() == 1
