"""OAuth 2.0: authorization code with PKCE, from the login to the API."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from core import services
from core.models import Tenant, User
from core.services import NewClient
from core.types import Actor
from tests.oauth import (
    PASSWORD,
    REDIRECT,
    ask_for_token,
    authorize_url,
    call,
    consent,
    exchange,
)


@pytest.mark.spec("RFC 7636", "4")
def test_person_signs_in_consents_and_the_client_works_for_them(
    portal: NewClient, ann: User
) -> None:
    browser = Client()
    url = authorize_url(portal)
    to_login = browser.get(url)
    login = to_login.headers["Location"]
    signed_in = browser.post(login, {"username": ann.username, "password": PASSWORD})
    back = consent(browser, signed_in.headers["Location"])
    status, tokens = exchange(portal, back["code"][0])

    assert to_login.status_code == signed_in.status_code == 302
    assert login.startswith("/admin/login/?next=")
    assert back["state"] == ["state-1"]
    assert status == 200
    assert tokens["scope"] == "events:read"
    assert call(tokens["access_token"]) == 200


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": REDIRECT + "/other"}],
    ids=["another verifier", "no verifier", "another redirect"],
)
def test_stolen_code_is_worth_nothing(
    changes: dict[str, str], portal: NewClient, ann: User
) -> None:
    browser = Client()
    browser.force_login(ann)
    code = consent(browser, authorize_url(portal))["code"][0]

    status, answer = exchange(portal, code, **changes)

    assert status == 400
    assert answer["error"] in {"invalid_grant", "invalid_request"}


@pytest.mark.spec("RFC 9700", "2.2.2")
def test_refresh_token_is_rotated_and_its_reuse_ends_the_family(
    portal: NewClient, ann: User
) -> None:
    browser = Client()
    browser.force_login(ann)
    _, first = exchange(portal, consent(browser, authorize_url(portal))["code"][0])
    form = {"grant_type": "refresh_token"}

    status, second = ask_for_token(portal, **form, refresh_token=str(first["refresh_token"]))
    reused, _ = ask_for_token(portal, **form, refresh_token=str(first["refresh_token"]))
    after, _ = ask_for_token(portal, **form, refresh_token=str(second["refresh_token"]))

    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert (reused, after) == (400, 400)
    assert call(first["access_token"]) == 401


@pytest.mark.parametrize("field", ["is_active", "tenant"])
def test_refresh_token_of_a_person_who_left_renews_nothing(
    field: str, portal: NewClient, ann: User, stranger: Tenant
) -> None:
    browser = Client()
    browser.force_login(ann)
    _, first = exchange(portal, consent(browser, authorize_url(portal))["code"][0])
    setattr(ann, field, {"is_active": False, "tenant": stranger}[field])
    ann.save(update_fields=[field])

    status, answer = ask_for_token(
        portal, grant_type="refresh_token", refresh_token=str(first["refresh_token"])
    )

    assert (status, answer["error"]) == (400, "invalid_grant")


def test_person_of_another_tenant_cannot_authorize_the_client(
    portal: NewClient, stranger: Tenant, actor: Actor
) -> None:
    bob = services.create_staff("bob@globex.example", tenant=stranger, actor=actor).user
    own = services.create_api_client(
        stranger, name="Own", scopes=["events:read"], redirect_uris=[REDIRECT], actor=actor
    )
    browser = Client()
    browser.force_login(bob)
    form = dict(parse_qs(urlsplit(authorize_url(portal)).query)) | {"allow": "Authorize"}

    shown = browser.get(authorize_url(portal))
    posted = browser.post(authorize_url(portal), {**form, "scope": "events:read"})
    disguised = browser.post(authorize_url(own), {**form, "scope": "events:read"})

    assert [each.status_code for each in (shown, posted, disguised)] == [403, 403, 403]


def test_operator_belongs_to_no_tenant_and_cannot_authorize_its_clients(
    portal: NewClient, actor: Actor
) -> None:
    browser = Client()
    browser.force_login(services.create_staff("op@example.com", actor=actor).user)

    assert browser.get(authorize_url(portal)).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example.com/"},
        {"redirect_uri": "https://portal.example.com/callback/../evil"},
        {"client_id": "nobody"},
        {"client_id": "a\0b"},
    ],
)
def test_nobody_is_sent_where_the_client_was_not_registered(
    changes: dict[str, str], portal: NewClient, ann: User
) -> None:
    browser = Client()
    browser.force_login(ann)

    response = browser.get(authorize_url(portal, **changes))

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_page_of_a_refused_request_says_whom_to_ask(portal: NewClient, ann: User) -> None:
    browser = Client()
    browser.force_login(ann)

    page = browser.get(authorize_url(portal, client_id="nobody")).content.decode()

    assert "give whoever runs that program the line below, or ask your administrator" in page
    assert "<code>invalid_request</code>: Invalid client_id parameter value." in page


def test_form_that_names_no_client_there_is_gives_no_code(portal: NewClient, ann: User) -> None:
    browser = Client()
    browser.force_login(ann)
    form = dict(parse_qs(urlsplit(authorize_url(portal)).query)) | {"allow": "Authorize"}

    response = browser.post(
        authorize_url(portal), {**form, "scope": "events:read", "client_id": "nobody"}
    )

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_nonce_of_any_length_is_left_alone(portal: NewClient, ann: User) -> None:
    browser = Client()
    browser.force_login(ann)

    code = consent(browser, authorize_url(portal, nonce="n" * 300))["code"][0]

    assert exchange(portal, code)[0] == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": ""},
        {"code_challenge": "x" * 42},
        {"code_challenge": "x" * 129},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"scope": "records:write"},
    ],
)
def test_what_the_client_may_not_ask_for_is_refused_through_its_redirect(
    changes: dict[str, str], portal: NewClient, ann: User
) -> None:
    browser = Client()
    browser.force_login(ann)

    response = browser.get(authorize_url(portal, **changes))

    assert response.status_code == 302
    location = response.headers["Location"]
    assert location.startswith(REDIRECT + "?error=")
