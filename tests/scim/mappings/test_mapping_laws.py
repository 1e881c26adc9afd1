"""What holds for every mapping and all data."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core import strict_json
from records.mapping import CompiledMapping, Kind, Notation, compile_mapping
from scim.mappings.checking import drafted, normalized
from scim.mappings.paths import STORED, checking
from scim.schemas.service import USER, service

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
USERS = service("", creates_entries=False).trees[USER]
NOTATIONS = (Notation(), STORED, checking(USERS))
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# As in what is stored: without NUL, with numbers that can be kept.
texts = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=12) | (
    st.sampled_from(["ann", "2026-03-14", "7", "true", "AGEAYg==", '["\\u0000"]'])
)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
names = st.sampled_from(["userName", "name", "emails", "active", "value", "type", "primary", "a"])
resources = st.dictionaries(
    names | st.just(ENTERPRISE),
    values | st.lists(st.dictionaries(names, values, max_size=3), max_size=3),
    max_size=5,
)
paths = st.builds(".".join, st.lists(names, min_size=1, max_size=3)) | st.sampled_from(
    [
        'emails[type eq "work"].value',
        'emails[value co "a" and not (primary eq true)]',
        "emails[primary pr or type gt 7].type",
        "enterprise.department",
        f"{ENTERPRISE}:manager.value",
        "extension.a",
    ]
)
expressions = st.sampled_from(
    [
        "userName",
        "upper(userName)",
        "first(emails).value",
        "first(where(emails, 'type', 'work')).value",
        "concat(name, emails, active)",
        "enterprise.manager.value ?? extension.a",
        "parse_json(userName)",
        "date_add(userName, 1, 'days')",
        "emails + active",
        "base64_decode(userName)",
    ]
)
rules = st.fixed_dictionaries(
    {"field": st.sampled_from(["a", "b", "c", "id"])},
    optional={
        "path": paths | texts,
        "expression": expressions | texts,
        "type": st.sampled_from([*Kind, "no"]),
        "required": st.booleans(),
        "default": values,
    },
)


@given(rule=rules, data=resources)
def test_no_rule_raises_and_whatever_it_makes_can_be_kept(
    rule: dict[str, Any], data: dict[str, Any]
) -> None:
    for notation in NOTATIONS:
        mapping = compile_mapping([rule], notation, reserved=("id",))
        mapped = mapping.apply(data, now=NOW)

        assert len(mapped.values) + len(mapped.problems) <= 1
        assert strict_json.loads(strict_json.dumps(mapped.values)) == mapped.values


@given(given_=values | st.lists(values | rules, max_size=4), data=resources)
def test_whatever_is_given_as_a_mapping_is_compiled(given_: Any, data: dict[str, Any]) -> None:
    mapping: CompiledMapping = compile_mapping(given_, STORED)

    mapped = mapping.apply(data, now=NOW)

    assert set(mapped.values) <= {rule.field for rule in mapping.rules}


@given(rule=rules, data=resources)
def test_draft_without_faults_gives_the_same_when_it_is_kept(
    rule: dict[str, Any], data: dict[str, Any]
) -> None:
    draft = compile_mapping([rule], checking(USERS), reserved=("id",))
    if draft.faults:
        return

    kept = compile_mapping(json.loads(json.dumps(normalized([rule], USERS))), STORED)

    assert drafted([rule], USERS).rules == draft.rules
    assert kept.faults == ()
    assert kept.apply(data, now=NOW) == draft.apply(data, now=NOW)
