"""Which filters the directory refuses, and what it reads otherwise than the reference evaluator."""

from contextlib import suppress
from random import Random

import pytest
from scim2_models import InvalidFilterException

from core.models import Tenant
from scim.schemas.service import GROUP, USER
from tests.scim.fuzzing.own_attributes import OWN
from tests.scim.fuzzing.population import Population, populated, stored, user

pytestmark = pytest.mark.django_db

MOST_TERMS = " or ".join(["active eq true"] * 200)
REFUSED = [
    (USER, 'meta.location eq "https://example.com/x"'),
    (USER, 'name eq "Ann"'),
    (USER, 'not (name eq "Ann")'),
    (USER, f'{OWN}:desk eq "x"'),
    (USER, f'{OWN}:notes eq "x"'),
    (USER, 'groups co "scm_"'),
    (USER, 'groups.display eq "x"'),
    (USER, 'groups[value eq "x" or value eq "y"]'),
    (GROUP, 'members.value sw "scm_"'),
    (GROUP, "members eq null"),
    (GROUP, 'members.display eq "x"'),
    (GROUP, 'members[not (value eq "x")]'),
    (USER, r'title eq "\u0000"'),
    (USER, r'emails[value eq "\ud800"]'),
    (USER, r'title co "\udfff"'),
    (USER, f'{OWN}:scores[value eq "many"]'),
    (USER, f"{OWN}:scores[value gt 1.5]"),
    (USER, f'{OWN}:ratios[value lt "1e999"]'),
    (USER, f"{OWN}:labels[value ge 5]"),
    (USER, f'{OWN}:days[value eq "yesterday"]'),
    (USER, f'{OWN}:answers[value eq "perhaps"]'),
    (USER, f"{OWN}:links[value eq true]"),
    (USER, f"{MOST_TERMS} or active pr"),
]
READ = [
    # Beyond what the database counts to, and beyond the first and the last year in UTC.
    (f"{OWN}:level lt {10**30}", f"{OWN}:level pr"),
    (f"{OWN}:level ge -{10**30}", f"{OWN}:level pr"),
    (f"{OWN}:scores gt -{2**63 + 1}", f"{OWN}:scores pr"),
    (f'{OWN}:hired ge "0001-01-01T00:00:00+14:00"', f"{OWN}:hired pr"),
    (f'{OWN}:hired le "9999-12-31T23:59:59-12:00"', f"{OWN}:hired pr"),
    ('meta.created gt "0001-01-01T00:00:00+14:00"', "id pr"),
    ('meta.lastModified lt "9999-12-31T23:59:59-12:00"', "id pr"),
    (MOST_TERMS.replace("true", "null"), "not (active pr)"),
]


@pytest.fixture
def population(tenant: Tenant) -> Population:
    return populated(tenant, 3)


def test_what_cannot_be_compared_is_refused(population: Population) -> None:
    accepted = []

    for kind, text in REFUSED:
        with suppress(InvalidFilterException):
            accepted.append((text, population.found(text, [kind])))

    assert accepted == []


def test_what_lies_beyond_every_value_is_compared(population: Population) -> None:
    found = {text: population.found(text, [USER]) for text, _ in READ}

    assert found == {text: population.found(expected, [USER]) for text, expected in READ}


def test_day_without_a_zone_is_one_of_utc(tenant: Tenant) -> None:
    population = populated(tenant, 3)
    day = {"hired": "2024-02-29T12:00:00", "days": ["2024-02-29T13:00:00+01:00"]}
    data = user(Random(0), 1000) | {OWN: day}
    identity = stored(population.storage, USER, data)

    filters = [
        f'{OWN}:hired eq "2024-02-29T12:00:00Z"',
        f'{OWN}:hired eq "2024-02-29T12:00:00"',
        f'{OWN}:hired eq "2024-02-29T14:00:00+02:00"',
        f'{OWN}:days eq "2024-02-29T12:00:00"',
        f'{OWN}:days[value eq "2024-02-29T12:00:00Z"]',
    ]

    assert [population.found(text, [USER]) for text in filters] == [{identity}] * len(filters)


def test_bytes_are_found_however_they_are_written(tenant: Tenant) -> None:
    population = populated(tenant, 3)
    data = user(Random(0), 1000) | {OWN: {"seal": "d3d3", "seals": ["d3d3", "eHl6"]}}
    identity = stored(population.storage, USER, data)

    filters = [
        f'{OWN}:seal eq "d3d3"',
        rf'{OWN}:seal eq "d3d3\n"',
        f'{OWN}:seals eq "eHl6"',
        f'{OWN}:seals[value eq "eHl6"]',
    ]

    assert [population.found(text, [USER]) for text in filters] == [{identity}] * len(filters)
