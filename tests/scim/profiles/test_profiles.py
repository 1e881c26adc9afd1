"""The catalogue of profiles: complete, documented, and without contradictions."""

import pytest

from scim.models import Directory
from scim.profiles import PROFILES, Profile

EVERY = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def test_there_is_a_profile_for_each_choice_of_a_directory() -> None:
    titles = {profile.name: profile.title for profile in PROFILES.values()}

    assert titles == dict(Directory.Profile.choices)


def test_the_generic_profile_has_no_rules_and_no_tolerance() -> None:
    generic = PROFILES["generic"]

    assert generic.rules == ()
    assert not generic.ignores_unknown_attributes
    assert not generic.removes_listed_members
    assert not generic.creates_missing_entries


@EVERY
def test_every_rule_says_what_it_does_for_whom_and_how_that_is_known(profile: Profile) -> None:
    for rule in profile.rules:
        assert rule.name == rule.name.lower().replace("_", "-").replace(" ", "-")
        assert rule.sentence[0].isupper()
        assert rule.sentence.endswith(".")
        assert len(rule.source) > 10


@EVERY
def test_no_profile_has_a_rule_twice(profile: Profile) -> None:
    names = [rule.name for rule in profile.rules]

    assert len(set(names)) == len(names)


def test_a_name_stands_for_one_rule_everywhere() -> None:
    rules = {rule for profile in PROFILES.values() for rule in profile.rules}

    assert len({rule.name for rule in rules}) == len(rules) == 19


@pytest.mark.parametrize(
    ("switch", "names"),
    [
        ("ignores_unknown_attributes", set(PROFILES) - {"generic"}),
        ("removes_listed_members", {"entra", "jumpcloud"}),
        ("creates_missing_entries", {"entra"}),
    ],
)
def test_switches_are_on_where_a_provider_needs_them(switch: str, names: set[str]) -> None:
    assert {name for name, profile in PROFILES.items() if getattr(profile, switch)} == names


@EVERY
def test_unknown_attributes_are_looked_for_last(profile: Profile) -> None:
    names = [rule.name for rule in profile.rules]

    assert names[-1:] in ([], ["unknown-attributes"])


@EVERY
def test_the_steps_lead_through_address_and_token(profile: Profile) -> None:
    texts = [step.rendered("https://hub.example/scim/v2/acme", "pbk_7") for step in profile.steps]
    joined = "\n".join(texts)

    assert 4 <= len(texts) <= 7
    assert all(step.title for step in profile.steps)
    assert "https://hub.example/scim/v2/acme" in joined
    assert "pbk_7" in joined
    assert "{" not in joined


def test_the_address_for_entra_asks_for_the_newer_behavior() -> None:
    texts = "\n".join(
        step.rendered("https://hub.example/s", "t") for step in PROFILES["entra"].steps
    )

    assert "Tenant URL: https://hub.example/s?aadOptscim062020" in texts
    assert "Secret Token: t" in texts
