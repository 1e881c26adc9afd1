"""OAuth 2.0: client credentials, and authorization code with PKCE, from the login to the API."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core import services
from core.models import Tenant, User
from core.services import NewClient
from core.types import Actor

TOKEN_URL = "/oauth/token"
FORM = "application/x-www-form-urlencoded"
REDIRECT = "https://portal.example.com/callback"
VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
PASSWORD = "correct horse battery"


@pytest.fixture
def machine(tenant: Tenant, actor: Actor) -> NewClient:
    return services.create_api_client(
        tenant, name="Shop", scopes=["events:read", "events:write"], actor=actor
    )


@pytest.fixture
def portal(tenant: Tenant, actor: Actor) -> NewClient:
    return services.create_api_client(
        tenant, name="Portal", scopes=["events:read"], redirect_uris=[REDIRECT], actor=actor
    )


@pytest.fixture
def ann(tenant: Tenant, actor: Actor) -> User:
    """Someone of acme, who can sign in."""
    return services.create_staff(
        "ann@acme.example", tenant=tenant, password=PASSWORD, actor=actor
    ).user


def post(url: str, **form: str) -> tuple[int, dict[str, object]]:
    response = Client().post(url, urlencode(form), content_type=FORM)
    return response.status_code, response.json() if response.content else {}


def ask_for_token(new: NewClient, **form: str) -> tuple[int, dict[str, object]]:
    credentials = {"client_id": new.client.client_id, "client_secret": new.secret}
    return post(TOKEN_URL, **(credentials | form))


def call(token: object) -> int:
    return APIClient().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


def authorize_url(new: NewClient, **changes: str) -> str:
    parameters = {
        "response_type": "code",
        "client_id": new.client.client_id,
        "redirect_uri": REDIRECT,
        "state": "state-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return "/oauth/authorize?" + urlencode(parameters | changes)


def consent(browser: Client, url: str) -> dict[str, list[str]]:
    """Press "Authorize" on the consent page; return the parameters of the redirect."""
    page = browser.get(url)
    assert page.status_code == 200
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    response = browser.post(url, dict(fields) | {"allow": "Authorize"})
    assert response.status_code == 302
    location = urlsplit(response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT
    return parse_qs(location.query)


def exchange(new: NewClient, code: str, **changes: str) -> tuple[int, dict[str, object]]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    return ask_for_token(new, **(form | changes))


@pytest.mark.spec("RFC 6749", "4.4")
def test_client_credentials_give_a_token_that_works(machine: NewClient) -> None:
    status, answer = ask_for_token(machine, grant_type="client_credentials")

    assert status == 200
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3600
    assert set(str(answer["scope"]).split()) == {"events:read", "events:write"}
    assert call(answer["access_token"]) == 200


@pytest.mark.spec("RFC 6749", "3.3")
def test_client_gets_no_scope_that_staff_did_not_give_it(machine: NewClient) -> None:
    refused = ask_for_token(machine, grant_type="client_credentials", scope="records:write")
    narrowed = ask_for_token(machine, grant_type="client_credentials", scope="events:read")

    assert (refused[0], refused[1]["error"]) == (400, "invalid_scope")
    assert narrowed[1]["scope"] == "events:read"


@pytest.mark.spec("RFC 6749", "5.2")
@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "a\0b"}, 400, "invalid_request"),
        ({"grant_type": "nonsense"}, 400, "unsupported_grant_type"),
        (
            {"grant_type": "password", "username": "a", "password": "b"},
            400,
            "unsupported_grant_type",
        ),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, 400, "unauthorized_client"),
        ({"grant_type": "authorization_code", "code": "nonsense"}, 400, "unauthorized_client"),
    ],
)
def test_token_errors_are_in_oauths_own_words(
    form: dict[str, str], status: int, error: str, machine: NewClient
) -> None:
    answered, answer = ask_for_token(machine, **form)

    assert (answered, answer["error"]) == (status, error)
    assert "success" not in answer


@pytest.mark.spec("RFC 6749", "3.2")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=password", FORM),
        (b"grant_type=client_credentials&scope=a%00b", FORM),
        (b"&".join(b"f%d=1" % number for number in range(2000)), FORM),
        (b"--x", "multipart/form-data; boundary=x"),
    ],
    ids=["JSON", "a parameter twice", "NUL", "2,000 parameters", "multipart"],
)
def test_malformed_token_request_is_refused(body: bytes, content_type: str, db: None) -> None:
    response = Client().post(TOKEN_URL, body, content_type=content_type)

    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize("secret", ["a\0b:c", "nobody:\0", "no colon", "\xff\xfe"])
def test_hostile_basic_credentials_are_refused(secret: str, db: None) -> None:
    basic = base64.b64encode(secret.encode("latin-1")).decode()

    response = Client().post(
        TOKEN_URL,
        "grant_type=client_credentials",
        content_type=FORM,
        HTTP_AUTHORIZATION=f"Basic {basic}",
    )

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"


def test_client_of_a_tenant_that_is_switched_off_gets_no_token(machine: NewClient) -> None:
    Tenant.objects.update(active=False)

    status, answer = ask_for_token(machine, grant_type="client_credentials")

    assert (status, answer["error"]) == (401, "invalid_client")


def test_new_secret_ends_the_old_one_and_its_tokens(machine: NewClient, actor: Actor) -> None:
    token = ask_for_token(machine, grant_type="client_credentials")[1]["access_token"]

    secret = services.renew_client_secret(machine.client, actor=actor)

    renewed = NewClient(client=machine.client, secret=secret)
    assert call(token) == 401
    assert ask_for_token(machine, grant_type="client_credentials")[0] == 401
    assert ask_for_token(renewed, grant_type="client_credentials")[0] == 200


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
    again = exchange(portal, back["code"][0])

    assert to_login.status_code == signed_in.status_code == 302
    assert login.startswith("/admin/login/?next=")
    assert back["state"] == ["state-1"]
    assert status == 200
    assert tokens["scope"] == "events:read"
    assert call(tokens["access_token"]) == 200
    assert (again[0], again[1]["error"]) == (400, "invalid_grant")


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


@pytest.mark.spec("RFC 7009", "2.1")
def test_revoked_token_opens_nothing(machine: NewClient) -> None:
    token = str(ask_for_token(machine, grant_type="client_credentials")[1]["access_token"])

    status, _ = post(
        "/oauth/revoke",
        client_id=machine.client.client_id,
        client_secret=machine.secret,
        token=token,
    )

    assert status == 200
    assert call(token) == 401


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


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": ""},
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
