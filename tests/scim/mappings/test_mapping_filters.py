"""Filters in brackets, asked of one entry."""

import pytest
from scim2_models import ScimFilter

from core.types import Json
from scim.mappings.accepting import accepting

WORK: dict[str, Json] = {"value": "Ann@Example.com", "type": "work", "rank": 2, "empty": ""}


@pytest.mark.parametrize(
    ("filter_", "accepted"),
    [
        ('type eq "WORK"', True),
        ('type eq "home"', False),
        ('type ne "home"', True),
        ("type eq null", False),
        ("display eq null", True),
        ("primary ne true", True),
        ("rank eq 2", True),
        ("rank eq true", False),
        ("rank gt 1", True),
        ("rank ge 3", False),
        ("rank lt 2", False),
        ("rank le 2.0", True),
        ('value gt "b"', False),
        ('value lt "b"', True),
        ('rank gt "1"', False),
        ('value co "@"', True),
        ('value sw "ANN"', True),
        ('value ew ".org"', False),
        ('rank co "2"', False),
        ("type pr", True),
        ("empty pr", False),
        ("display pr", False),
        ('not (type eq "work")', False),
        ('type eq "work" and rank eq 3', False),
        ('type eq "home" or rank eq 2', True),
    ],
)
def test_entry_is_accepted_as_its_filter_says(filter_: str, accepted: bool) -> None:
    assert accepting(ScimFilter(filter_).ast)(WORK) is accepted


def test_plain_entry_is_its_own_value() -> None:
    accepts = accepting(ScimFilter('value sw "a"').ast)

    assert [accepts(entry) for entry in ("Ann", "bob", 7, None)] == [True, False, False, False]
