"""OAuth 2.0: client credentials, and what the token endpoint refuses."""

import base64

import pytest
from django.test import Client

from core import services
from core.models import Tenant, User
from core.services import NewClient
from core.types import Actor
from tests.oauth import FORM, PASSWORD, TOKEN_URL, ask_for_token, call, post


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
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "nonsense"}, 400, "unauthorized_client"),
    ],
)
def test_token_errors_are_in_oauths_own_words(
    form: dict[str, str], status: int, error: str, machine: NewClient
) -> None:
    answered, answer = ask_for_token(machine, **form)

    assert (answered, answer["error"]) == (status, error)
    assert "success" not in answer


def test_token_endpoint_tells_nobody_whether_a_password_is_right(
    machine: NewClient, ann: User
) -> None:
    form = {"grant_type": "password", "username": ann.username}

    answers = [ask_for_token(machine, **form, password=each) for each in (PASSWORD, "wrong")]

    assert answers[0] == answers[1]
    assert answers[0][1]["error"] == "unsupported_grant_type"


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
