"""Paths of SCIM in a mapping: how they are spelled, what they read, and what is no path."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.expressions.context import Context
from records.mapping import Kind, PlaceError
from records.mapping.reading import read
from scim.mappings.paths import STORED, known_paths, objection, place, written
from scim.schemas.attributes import Attribute
from scim.schemas.service import USER, service
from tests.scim.asking import ENTERPRISE

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
OWN = "urn:acme:params:scim:schemas:User"
EXTENSION = (
    '{"id": "urn:acme:params:scim:schemas:User", "name": "Acme", "attributes":'
    ' [{"name": "badge", "type": "string", "multiValued": false}]}'
)
ANN: dict[str, Any] = {
    "userName": "ann",
    "name": {"givenName": "Ann"},
    "emails": [
        {"value": "ann@home.org", "type": "home", "primary": True},
        {"value": "ann@example.com", "type": "work"},
        {"value": "ann@example.org", "type": "Work"},
    ],
    ENTERPRISE: {"department": "Logistics", "manager": {"value": "m-1"}},
    OWN: {"badge": "b-7"},
}


@pytest.fixture(scope="module")
def users() -> Attribute:
    return service(EXTENSION, creates_entries=False).trees[USER]


@pytest.mark.parametrize(
    ("typed", "kept", "value"),
    [
        ("USERNAME", "userName", "ann"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "userName", "ann"),
        ("name.givenname", "name.givenName", "Ann"),
        ("emails", "emails", "ann@home.org"),
        ("emails.value", "emails.value", "ann@home.org"),
        ('Emails[Type eq "work"].VALUE', 'emails[type eq "work"].value', "ann@example.com"),
        ('emails[type eq "WORK"]', 'emails[type eq "WORK"]', "ann@example.com"),
        (
            'emails[value ew ".org" and primary ne true].value',
            'emails[value ew ".org" and primary ne true].value',
            "ann@example.org",
        ),
        ("enterprise.department", "enterprise.department", "Logistics"),
        (f"{ENTERPRISE}:department", "enterprise.department", "Logistics"),
        (f"{ENTERPRISE.lower()}:manager.value", "enterprise.manager.value", "m-1"),
        ("extension.Badge", f"{OWN}:badge", "b-7"),
        (f"{OWN.upper()}:badge", f"{OWN}:badge", "b-7"),
    ],
)
def test_path_is_kept_as_the_schemas_spell_it_and_read(
    users: Attribute, typed: str, kept: str, value: str
) -> None:
    assert written(typed, users) == kept
    context = Context(ANN, NOW, UTC, 1_000)
    assert read(context, ANN, place(kept), Kind.TEXT) == value


@pytest.mark.parametrize(
    ("typed", "message", "column"),
    [
        ("usrName", "a user has no attribute usrName; did you mean userName?", 0),
        ("name.givenNam", "name has no attribute givenNam; did you mean givenName?", 0),
        (
            "enterprise.departmnt",
            "the extension has no attribute departmnt; did you mean department?",
            0,
        ),
        ("urn:x:y:User:a", "the directory has no schema urn:x:y:User", 0),
        ('title[type eq "x"]', "title has one value, so there is nothing to select from", 0),
        ('emails[kind eq "x"]', "emails has no attribute kind", 0),
        ("password", "password is not among the attributes that a mapping reads", 0),
        ("groups.value", "groups is not among the attributes that a mapping reads", 0),
        (
            'emails.type eq "work"',
            'this is a comparison; to select an entry, write emails[type eq "work"].value',
            0,
        ),
        (
            "name.givenName.first",
            (
                "this is no path; write name.givenName,"
                ' emails[type eq "work"].value or enterprise.department'
            ),
            15,
        ),
        (
            "enterprise.manager[",
            (
                "this is no path; write name.givenName,"
                ' emails[type eq "work"].value or enterprise.department'
            ),
            19,
        ),
    ],
)
def test_what_is_no_path_is_refused_with_a_sentence(
    users: Attribute, typed: str, message: str, column: int
) -> None:
    with pytest.raises(PlaceError) as refusal:
        written(typed, users)

    assert (refusal.value.message, refusal.value.column) == (message, column)


def test_extension_of_their_own_is_for_directories_that_have_one() -> None:
    without = service("", creates_entries=False).trees[USER]

    with pytest.raises(PlaceError, match="the directory has no extension of its own"):
        written("extension.badge", without)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["userName", "name.givenName", "enterprise.manager.value", "extension.badge"], ""),
        (["emails"], ""),
        (["userNam"], "a user has no attribute userNam; did you mean userName?"),
        (["username"], "username is written userName"),
        (["emails.value"], "emails is a list; write first(emails).value, or use a path"),
        (["enterprise.dept"], "the extension has no attribute dept"),
        (["meta.created"], "meta is not among the attributes that a mapping reads"),
    ],
)
def test_expression_reads_what_the_schemas_have(
    users: Attribute, names: list[str], sentence: str
) -> None:
    assert objection(users, names) == sentence


def test_expressions_read_extensions_by_short_names() -> None:
    scope = STORED.scope(ANN)

    assert (scope["enterprise"], scope["extension"]) == (ANN[ENTERPRISE], ANN[OWN])
    assert STORED.scope({"userName": "ann"}) == {
        "userName": "ann",
        "enterprise": None,
        "extension": None,
    }


def test_every_known_path_can_be_written(users: Attribute) -> None:
    paths = known_paths(users)

    assert {"userName", "emails.value", "enterprise.manager.value", "extension.badge"} <= set(paths)
    assert [path for path in paths if "extension" not in path] == [
        written(path, users) for path in paths if "extension" not in path
    ]
