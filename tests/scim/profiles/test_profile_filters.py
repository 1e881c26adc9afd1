"""Filters in the forms that identity providers give them."""

from typing import Any

import pytest

from scim.profiles import KnownAttributes, Profile, RawRequest, Rule, normalize
from scim.profiles.comparisons import comparisons
from scim.profiles.rules.filters import (
    ENCODED_VALUES,
    FILTER_BOOLEANS,
    FILTERED_ATTRIBUTES,
    MANAGER_FILTER,
    UNQUOTED_VALUES,
)

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"


def filtered(
    known: KnownAttributes, rule: Rule, text: str, resource_type: str = "User"
) -> tuple[str, list[str]]:
    """Return the filter of a query as the rule leaves it, and where it has fired."""
    profile = Profile(name="one", title="One rule", rules=(rule,), steps=())
    query = {"filter": text, "attributes": text, "count": "10"}
    request = RawRequest(kind="query", resource_type=resource_type, body=None, query=query)
    normalized = normalize(profile, request, known)
    name = "attributes" if rule is FILTERED_ATTRIBUTES else "filter"
    assert {**normalized.query, name: text} == query
    return normalized.query[name], [firing.where for firing in normalized.firings]


def test_comparisons_name_their_attributes_in_full() -> None:
    text = (
        'not (userName EQ "a b") and emails[type eq "work" and (value co "x")].value sw "y"'
        f" or {USER}:name.givenName eq z and title pr"
    )

    assert [(found.attribute, found.literal) for found in comparisons(text)] == [
        ("userName", '"a b"'),
        ("emails.type", '"work"'),
        ("emails.value", '"x"'),
        ("emails.value", '"y"'),
        (f"{USER}:name.givenName", "z"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('active eq "True"', "active eq true"),
        ('userName eq "a" and Active ne "false"', 'userName eq "a" and Active ne false'),
        (f'{USER}:active eq "True"', f"{USER}:active eq true"),
        ('roles[primary eq "True"]', "roles[primary eq true]"),
        ('emails[type eq "work"].primary eq "True"', 'emails[type eq "work"].primary eq true'),
    ],
)
def test_booleans_in_filters_are_read(known: KnownAttributes, before: str, after: str) -> None:
    assert filtered(known, FILTER_BOOLEANS, before) == (after, ["filter"])


@pytest.mark.parametrize(
    "text",
    ["active eq true", 'title eq "True"', 'roles[type eq "True"]', 'nonsense eq "True"', ""],
)
def test_strings_in_filters_stay_strings(known: KnownAttributes, text: str) -> None:
    assert filtered(known, FILTER_BOOLEANS, text) == (text, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('id eq "u1" and manager eq "u2"', f'id eq "u1" and {MANAGER}.value eq "u2"'),
        ('not (Manager eq "u2")', f'not ({MANAGER[:-7]}Manager.value eq "u2")'),
        (f'{MANAGER} eq "u2"', f'{MANAGER}.value eq "u2"'),
        ('manager.value eq "u2"', f'{MANAGER}.value eq "u2"'),
    ],
)
def test_a_manager_in_filters_is_its_id(known: KnownAttributes, before: str, after: str) -> None:
    assert filtered(known, MANAGER_FILTER, before) == (after, ["filter"])
    assert filtered(known, MANAGER_FILTER, after) == (after, [])


@pytest.mark.parametrize(
    "text", ['title eq "manager"', 'emails[manager eq "x"]', 'managers eq "x"', "manager pr"]
)
def test_what_is_no_manager_in_filters_stays(known: KnownAttributes, text: str) -> None:
    assert filtered(known, MANAGER_FILTER, text) == (text, [])


def test_groups_have_no_manager_in_filters(known: KnownAttributes) -> None:
    assert filtered(known, MANAGER_FILTER, 'manager eq "u2"', "Group") == ('manager eq "u2"', [])


def test_at_the_root_an_attribute_of_any_type_can_be_boolean(known: KnownAttributes) -> None:
    assert filtered(known, FILTER_BOOLEANS, 'active eq "False"', "") == (
        "active eq false",
        ["filter"],
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("userName sw O", 'userName sw "O"'),
        ("(userName eq ada@example.com)", '(userName eq "ada@example.com")'),
        ("userName eq 007 and title pr", 'userName eq "007" and title pr'),
        ("emails[type eq work].value co x", 'emails[type eq "work"].value co "x"'),
        ("userName eq a\\b", 'userName eq "a\\\\b"'),
    ],
)
def test_values_without_quotation_marks_get_them(
    known: KnownAttributes, before: str, after: str
) -> None:
    assert filtered(known, UNQUOTED_VALUES, before) == (after, ["filter"])


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "O"',
        "active eq true and userName eq NULL",
        "x ge -1.5e3",
        "userName eq and title pr",
        'userName eq O"Brien"',
        "userName eq O(Brien)",
        "userName eq",
        "userName O",
    ],
)
def test_what_is_no_bare_value_is_left(known: KnownAttributes, text: str) -> None:
    assert filtered(known, UNQUOTED_VALUES, text) == (text, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('userName eq "ada%40example.com"', 'userName eq "ada@example.com"'),
        ('displayName eq "A%22B%20%C3%A9"', 'displayName eq "A\\"B é"'),
    ],
)
def test_values_encoded_once_too_often_are_decoded(
    known: KnownAttributes, before: str, after: str
) -> None:
    assert filtered(known, ENCODED_VALUES, before) == (after, ["filter"])


@pytest.mark.parametrize(
    "text",
    [
        'displayName eq "100%"',
        'displayName eq "100% of %41"',
        'displayName eq "%2541"',
        'displayName eq "%FF"',
        'displayName eq "a%00b"',
        "displayName eq %41",
        'displayName eq "%41',
    ],
)
def test_values_that_may_mean_what_they_say_are_not_decoded(
    known: KnownAttributes, text: str
) -> None:
    assert filtered(known, ENCODED_VALUES, text) == (text, [])


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ('userName,emails[type eq "work"]', "userName,emails", ["attributes"]),
        ('emails[type eq "a]b,c"].value', "emails.value", ["attributes"]),
        ("userName,emails.value", "userName,emails.value", []),
        ("emails[", "emails[", []),
    ],
)
def test_filters_are_taken_out_of_the_attributes_to_answer_with(
    known: KnownAttributes, before: str, after: str, places: list[str]
) -> None:
    assert filtered(known, FILTERED_ATTRIBUTES, before) == (after, places)


def test_filters_of_a_search_and_of_a_path_are_filters_too(known: KnownAttributes) -> None:
    profile = Profile(name="one", title="One rule", rules=(FILTER_BOOLEANS,), steps=())
    search: dict[str, Any] = {"filter": 'active eq "True"', "count": 10}
    patch = {"Operations": [{"op": "add", "path": 'roles[primary eq "True"].value', "value": "a"}]}

    found = normalize(
        profile, RawRequest(kind="search", resource_type="User", body=search, query={}), known
    )
    patched = normalize(
        profile, RawRequest(kind="patch", resource_type="User", body=patch, query={}), known
    )

    assert found.body == {"filter": "active eq true", "count": 10}
    assert [firing.where for firing in found.firings] == ["filter"]
    assert patched.body == {
        "Operations": [{"op": "add", "path": "roles[primary eq true].value", "value": "a"}]
    }
    assert [firing.where for firing in patched.firings] == ["Operations[0].path"]
    assert search["filter"] == 'active eq "True"'


@pytest.mark.parametrize("text", ['"' * 60_001, "[" * 60_001, 'a eq "' + "\\" * 60_001])
def test_what_is_never_closed_is_read_once_and_left(known: KnownAttributes, text: str) -> None:
    for rule in (
        FILTER_BOOLEANS,
        UNQUOTED_VALUES,
        ENCODED_VALUES,
        FILTERED_ATTRIBUTES,
        MANAGER_FILTER,
    ):
        assert filtered(known, rule, text) == (text, [])
