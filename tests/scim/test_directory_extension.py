"""A tenant's own attributes of users."""

import json
from http import HTTPStatus

import pytest
from django.test import Client

from core.models import Tenant
from scim import services
from scim.models import Directory, Resource
from tests.makers import make_actor

pytestmark = pytest.mark.django_db

OWN = "urn:acme:params:scim:schemas:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
USERS = "/scim/v2/acme/Users"


def attribute(name: str, returned: str) -> dict[str, object]:
    return {
        "name": name,
        "type": "string",
        "multiValued": False,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": returned,
        "uniqueness": "none",
    }


EXTENSION = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": OWN,
    "name": "Acme",
    "attributes": [
        attribute("badge", "default"),
        attribute("whisper", "request"),
        attribute("secret", "never"),
    ],
}
HELD = {"badge": "B-7", "whisper": "psst", "secret": "hush"}
USER = {"schemas": [CORE, OWN], "userName": "ann", OWN: HELD}
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "title", "value": "Driver"}],
}


@pytest.fixture
def caller(tenant: Tenant) -> Client:
    """The identity provider of a tenant with attributes of its own."""
    token = services.open_directory(tenant, profile="generic", actor=make_actor()).token.secret
    Directory.objects.filter(tenant=tenant).update(extension=EXTENSION)
    return Client(HTTP_AUTHORIZATION=f"Bearer {token}")


def made(caller: Client) -> str:
    answer = caller.post(USERS, json.dumps(USER), "application/scim+json")
    assert answer.status_code == HTTPStatus.CREATED
    return str(answer.json()["id"])


def test_answers_hold_what_the_extension_says_of_each_attribute(caller: Client) -> None:
    user = made(caller)

    plain = caller.get(f"{USERS}/{user}").json()
    asked = caller.get(f"{USERS}/{user}", {"attributes": f"{OWN}:whisper,{OWN}:secret"}).json()

    assert plain[OWN] == {"badge": "B-7"}
    assert asked[OWN] == {"whisper": "psst"}


def test_change_of_something_else_keeps_what_is_not_shown(caller: Client) -> None:
    user = made(caller)

    answer = caller.patch(f"{USERS}/{user}", json.dumps(PATCH), "application/scim+json")

    assert answer.status_code == HTTPStatus.OK
    assert Resource.objects.get().data == {**USER, "title": "Driver"}


def test_own_attributes_can_be_searched_by(caller: Client) -> None:
    user = made(caller)

    found = caller.get(USERS, {"filter": f'{OWN}:badge eq "b-7"'}).json()

    assert [each["id"] for each in found["Resources"]] == [user]
