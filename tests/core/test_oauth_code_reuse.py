"""OAuth 2.0: an authorization code, and a refresh token, that are presented more than once."""

import logging

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from core import services
from core.models import Tenant, User
from core.services import NewClient
from core.types import Actor
from tests.oauth import REDIRECT, ask_for_token, authorize_url, call, consent, exchange
from tests.parallel import in_threads

AT_ONCE = 4

Answer = tuple[int, dict[str, object]]


def _code(client: NewClient, user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return consent(browser, authorize_url(client))["code"][0]


def _renew(client: NewClient, tokens: dict[str, object]) -> Answer:
    refresh_token = str(tokens["refresh_token"])
    return ask_for_token(client, grant_type="refresh_token", refresh_token=refresh_token)


def _errors(answers: list[Answer]) -> list[tuple[int, object]]:
    return [(status, answer.get("error")) for status, answer in answers]


@pytest.fixture
def other(tenant: Tenant, actor: Actor) -> NewClient:
    """Another client of the same tenant, with the same redirect."""
    return services.create_api_client(
        tenant, name="Other", scopes=["events:read"], redirect_uris=[REDIRECT], actor=actor
    )


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_code_presented_again_ends_what_came_of_it(
    portal: NewClient, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    code = _code(portal, ann)
    _, tokens = exchange(portal, code)

    with caplog.at_level(logging.WARNING, "core.oauth"):
        status, answer = exchange(portal, code)

    assert (status, answer) == (400, {"error": "invalid_grant"})
    assert call(tokens["access_token"]) == 401
    assert _errors([_renew(portal, tokens)]) == [(400, "invalid_grant")]
    assert AccessToken.objects.count() == 0
    assert RefreshToken.objects.filter(revoked=None).count() == 0
    lines = [record for record in caplog.records if record.name == "core.oauth"]
    assert [(line.getMessage(), vars(line)["client"]) for line in lines] == [
        ("oauth.code_reused", str(portal.client.pk))
    ]


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_code_presented_again_ends_tokens_that_were_renewed_since(
    portal: NewClient, ann: User
) -> None:
    code = _code(portal, ann)
    _, first = exchange(portal, code)
    _, second = _renew(portal, first)
    _, third = _renew(portal, second)

    again = exchange(portal, code)

    assert _errors([again]) == [(400, "invalid_grant")]
    assert call(third["access_token"]) == 401
    assert _errors([_renew(portal, third)]) == [(400, "invalid_grant")]


def test_code_presented_again_ends_nothing_that_came_of_another(
    portal: NewClient, ann: User
) -> None:
    used, kept = _code(portal, ann), _code(portal, ann)
    exchange(portal, used)
    _, tokens = exchange(portal, kept)

    exchange(portal, used)

    assert call(tokens["access_token"]) == 200
    assert _renew(portal, tokens)[0] == 200


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_another_client_can_neither_use_a_code_nor_end_what_came_of_it(
    portal: NewClient, other: NewClient, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    unused, used = _code(portal, ann), _code(portal, ann)
    _, tokens = exchange(portal, used)

    answers = [exchange(other, unused), exchange(other, used)]

    assert _errors(answers) == [(400, "invalid_grant")] * 2
    assert call(tokens["access_token"]) == 200
    assert exchange(portal, unused)[0] == 200
    assert _renew(portal, tokens)[0] == 200
    assert "oauth.code_reused" not in caplog.text


def test_another_client_can_neither_renew_a_token_nor_end_its_family(
    portal: NewClient, other: NewClient, ann: User
) -> None:
    _, first = exchange(portal, _code(portal, ann))
    _, second = _renew(portal, first)

    answers = [_renew(other, first), _renew(other, second)]

    assert _errors(answers) == [(400, "invalid_grant")] * 2
    assert call(second["access_token"]) == 200
    assert _renew(portal, second)[0] == 200


def test_client_without_its_secret_cannot_end_what_came_of_a_code(
    portal: NewClient, ann: User
) -> None:
    code = _code(portal, ann)
    _, tokens = exchange(portal, code)

    refused = exchange(portal, code, client_secret="wrong")

    assert _errors([refused]) == [(401, "invalid_client")]
    assert call(tokens["access_token"]) == 200


def test_code_survives_a_request_that_is_refused(portal: NewClient, ann: User) -> None:
    code = _code(portal, ann)

    refused = exchange(portal, code, code_verifier="w" * 64)

    assert _errors([refused]) == [(400, "invalid_grant")]
    assert exchange(portal, code)[0] == 200


def test_code_that_gave_no_token_leaves_no_trace(portal: NewClient, ann: User) -> None:
    _, tokens = exchange(portal, _code(portal, ann))

    refused = exchange(portal, "nobody's code")

    assert _errors([refused]) == [(400, "invalid_grant")]
    assert call(tokens["access_token"]) == 200


def test_field_of_the_form_cannot_pose_as_a_refresh_token(portal: NewClient, ann: User) -> None:
    code = _code(portal, ann)

    status, tokens = exchange(portal, code, refresh_token_instance="x", extra_credentials="x")

    assert status == 200
    assert call(tokens["access_token"]) == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.spec("RFC 6749", "4.1.2")
def test_code_presented_many_times_at_once_is_taken_once_and_then_ended(
    portal: NewClient, ann: User
) -> None:
    code = _code(portal, ann)

    answers = in_threads(AT_ONCE, lambda number: exchange(portal, code))

    assert sorted(_errors(answers), key=str) == [
        (200, None),
        *[(400, "invalid_grant")] * (AT_ONCE - 1),
    ]
    given = next(answer for status, answer in answers if status == 200)
    assert call(given["access_token"]) == 401
    assert RefreshToken.objects.count() == 1
    assert (AccessToken.objects.count(), Grant.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.spec("RFC 9700", "2.2.2")
def test_refresh_token_presented_many_times_at_once_is_renewed_once_and_then_ended(
    portal: NewClient, ann: User
) -> None:
    _, tokens = exchange(portal, _code(portal, ann))

    answers = in_threads(AT_ONCE, lambda number: _renew(portal, tokens))

    assert sorted(_errors(answers), key=str) == [
        (200, None),
        *[(400, "invalid_grant")] * (AT_ONCE - 1),
    ]
    given = next(answer for status, answer in answers if status == 200)
    assert call(given["access_token"]) == 401
    assert RefreshToken.objects.count() == 2
    assert AccessToken.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_code_presented_while_its_tokens_are_renewed_leaves_none_of_them(
    portal: NewClient, ann: User
) -> None:
    code = _code(portal, ann)
    _, tokens = exchange(portal, code)

    answers = in_threads(
        2, lambda number: exchange(portal, code) if number else _renew(portal, tokens)
    )

    assert _errors(answers)[1] == (400, "invalid_grant")
    assert answers[0][0] in {200, 400}
    assert AccessToken.objects.count() == 0
