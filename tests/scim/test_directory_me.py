"""/Me is the user whom the token acts for."""

import json
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core.models import Tenant, User
from core.services import create_api_client
from scim import services
from scim.protocol import READ, WRITE
from tests.makers import make_actor

pytestmark = pytest.mark.django_db

USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "Ann@example.com",
    "displayName": "Ann",
}
ME = "/scim/v2/acme/Me"


@pytest.fixture
def key(tenant: Tenant) -> str:
    """A token of the identity provider, which is no person."""
    return services.open_directory(tenant, profile="generic", actor=make_actor()).token.secret


@pytest.fixture
def ann(tenant: Tenant) -> str:
    """An access token by which a client acts for Ann."""
    made = create_api_client(tenant, name="Portal", scopes=[READ, WRITE], actor=make_actor())
    person = User.objects.create(username="ann@example.com", tenant=tenant)
    AccessToken.objects.create(
        application=made.client,
        user=person,
        token="ann-s-token",
        expires=timezone.now() + timedelta(hours=1),
        scope=f"{READ} {WRITE}",
    )
    return "ann-s-token"


def bearer(token: str) -> Client:
    return Client(HTTP_AUTHORIZATION=f"Bearer {token}")


def test_me_is_the_user_of_that_name_in_any_case(key: str, ann: str) -> None:
    made = bearer(key).post("/scim/v2/acme/Users", json.dumps(USER), "application/scim+json").json()

    response = bearer(ann).get(ME)

    assert response.status_code == HTTPStatus.OK
    assert response.json() == made
    assert response.headers["Location"] == made["meta"]["location"]


def test_me_is_not_found_where_the_person_is_no_user(key: str, ann: str) -> None:
    response = bearer(ann).get(ME)

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert response.json()["status"] == "404"


def test_me_is_forbidden_to_a_token_that_acts_for_nobody(key: str) -> None:
    response = bearer(key).get(ME)

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert response.json()["detail"] == "The token acts for no person, so there is no /Me"
