"""Trying a draft on stored users and on logged requests."""

import json
from typing import Any

import pytest
from django.utils import timezone

from core.models import Event, Tenant
from records.mapping import Problem
from scim import services
from scim.errors import InvalidMappingError, NothingToTryError
from scim.mappings.types import Line
from scim.models import Mapping, ProvisioningEntry, Resource
from tests.makers import make_actor
from tests.scim.asking import PATCH, UNKNOWN_ID, USER, Asker, opened, setting

pytestmark = pytest.mark.django_db

DRAFT: list[Any] = [
    {"field": "display_name", "expression": "upper(displayName)"},
    {"field": "job", "path": "title"},
    {"field": "number", "path": "title", "type": "number"},
]


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def logged(tenant: Tenant, target: str, body: object = None, **fields: Any) -> ProvisioningEntry:
    """Return an entry of the log, with the body of the request when there is one."""
    given: dict[str, Any] = {
        "action": "user.updated",
        "target_id": target,
        "method": "PUT",
        "path": f"/Users/{target}",
        "payload": "" if body is None else json.dumps({"query": {}, "body": body}),
    }
    entry: ProvisioningEntry = ProvisioningEntry.objects.create(
        tenant=tenant, happened_at=timezone.now(), duration_ms=3, **(given | fields)
    )
    return entry


def row_of(identity: str) -> Resource:
    row: Resource = Resource.objects.get(pk=identity)
    return row


def test_preview_sets_what_users_give_now_beside_what_they_would_give(
    tenant: Tenant, ask: Asker
) -> None:
    user = ask.user("ann", displayName="Ann", title="Lead", locale="de")["id"]
    published = Event.objects.count()

    [trial] = services.preview(tenant, DRAFT, [row_of(user)])

    assert (trial.identity, trial.label, trial.source) == (user, "ann", "stored")
    assert trial.before.values["display_name"] == "Ann"
    assert trial.after.values == {
        "id": user,
        "user_name": "ann",
        "display_name": "ANN",
        "job": "Lead",
        "active": True,
    }
    problem = "needs a text that is a number, such as 12.50"
    assert trial.after.problems == (Problem(field="number", message=problem),)
    assert trial.lines == [
        Line(field="id", state="same", old=user, new=user),
        Line(field="user_name", state="same", old="ann", new="ann"),
        Line(field="job", state="new", new="Lead"),
        Line(field="display_name", state="changed", old="Ann", new="ANN"),
        Line(field="active", state="same", old=True, new=True),
        Line(field="number", state="same", new_problem=problem),
        Line(field="title", state="gone", old="Lead"),
        Line(field="locale", state="gone", old="de"),
    ]
    assert (Mapping.objects.count(), Event.objects.count()) == (0, published)


def test_preview_compares_with_the_version_in_force(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", displayName="Ann")["id"]
    services.save_mapping(tenant, DRAFT, actor=make_actor())

    [trial] = services.preview(tenant, [], [row_of(user)])

    assert trial.before.values["display_name"] == "ANN"
    assert trial.after.values == {"id": user, "user_name": "ann", "active": True}


def test_preview_leaves_out_groups_and_users_of_others(
    tenant: Tenant, stranger: Tenant, ask: Asker
) -> None:
    group = ask.group("Drivers")["id"]
    foreign = opened(stranger).user("eve")["id"]

    assert services.preview(tenant, DRAFT, [row_of(group), row_of(foreign)]) == []


def test_draft_with_faults_is_not_tried(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann")["id"]
    faulty = [{"field": "id", "path": "title"}]

    with pytest.raises(InvalidMappingError):
        services.preview(tenant, faulty, [row_of(user)])
    with pytest.raises(InvalidMappingError):
        services.dry_run(logged(tenant, user), faulty)


def test_dry_run_without_a_payload_takes_the_user_as_stored(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", displayName="Ann")["id"]

    trial = services.dry_run(logged(tenant, user), DRAFT)

    assert (trial.source, trial.after.values["display_name"]) == ("stored", "ANN")
    assert trial.note == (
        "The directory does not keep the bodies of requests; this is the user as stored."
    )


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", {"schemas": [USER], "userName": "ann", "displayName": "Anna"}),
        ("PUT", {"schemas": [USER], "userName": "ann", "displayName": "Anna", "password": "x"}),
        ("PATCH", {"schemas": [PATCH], "Operations": [setting("displayName", "Anna")]}),
    ],
)
def test_dry_run_with_a_payload_takes_the_user_as_the_request_makes_it(
    tenant: Tenant, ask: Asker, method: str, body: object
) -> None:
    user = ask.user("ann", displayName="Ann")["id"]
    path = "/Users" if method == "POST" else f"/Users/{user}"

    trial = services.dry_run(logged(tenant, user, body, method=method, path=path), DRAFT)

    assert (trial.source, trial.note) == ("request", "")
    assert trial.before.values["display_name"] == "Anna"
    assert trial.after.values["display_name"] == "ANNA"
    assert row_of(user).data["displayName"] == "Ann"


def test_dry_run_puts_right_what_the_profile_does(tenant: Tenant) -> None:
    user = opened(tenant, "entra").user("ann")["id"]
    operation = {"op": "Replace", "path": "active", "value": "False"}
    body = {"schemas": [PATCH], "Operations": [operation]}

    trial = services.dry_run(logged(tenant, user, body, method="PATCH"), DRAFT)

    assert (trial.source, trial.after.values["active"]) == ("request", False)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (
            {"payload": json.dumps({"body": {"schemas": [USER], "userName": 7}})},
            "The request would be refused now: ",
        ),
        ({"payload": "{"}, "The directory does not keep"),
        ({"payload": "[]"}, "The directory does not keep"),
        (
            {"payload": json.dumps({"body": {}}), "method": "DELETE"},
            "The request gives no single user",
        ),
        (
            {"payload": json.dumps({"body": {}}), "path": "/Bulk", "method": "POST"},
            "The request gives no single user",
        ),
    ],
)
def test_payload_that_gives_no_user_leaves_the_stored_one(
    tenant: Tenant, ask: Asker, fields: dict[str, Any], note: str
) -> None:
    user = ask.user("ann", displayName="Ann")["id"]

    trial = services.dry_run(logged(tenant, user, **fields), DRAFT)

    assert (trial.source, trial.after.values["display_name"]) == ("stored", "ANN")
    assert trial.note.startswith(note)


def test_deleted_user_can_still_be_tried(tenant: Tenant, ask: Asker) -> None:
    user = ask.user("ann", displayName="Ann")["id"]
    ask("DELETE", f"/Users/{user}")

    trial = services.dry_run(logged(tenant, user, {}, method="PATCH"), DRAFT)

    assert trial.after.values["display_name"] == "ANN"


@pytest.mark.parametrize("target", ["", UNKNOWN_ID, "nobody"])
def test_request_about_no_user_gives_nothing_to_try(
    tenant: Tenant, ask: Asker, target: str
) -> None:
    with pytest.raises(NothingToTryError):
        services.dry_run(logged(tenant, target), DRAFT)


def test_user_of_another_tenant_is_not_tried(tenant: Tenant, stranger: Tenant) -> None:
    foreign = opened(stranger).user("eve")["id"]

    with pytest.raises(NothingToTryError):
        services.dry_run(logged(tenant, foreign), DRAFT)
