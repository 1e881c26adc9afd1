"""Whatever is sent as a PATCH: it is done whole or refused whole, and never ends in an error of ours."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from scim2_models import Context, PatchOp, SCIMException

from core.models import Tenant
from scim.schemas.attributes import Attribute
from scim.schemas.service import GROUP, USER
from scim.storage.storage import DirectoryStorage
from tests.makers import make_actor
from tests.scim.asking import PATCH, Asker, said
from tests.scim.fuzzing.grammar import CASES, named, operands
from tests.scim.fuzzing.inhabitants import STRINGS, VALUES, offered, user
from tests.scim.fuzzing.own_attributes import GROUP as GROUP_SCHEMA
from tests.scim.fuzzing.rooms import extended, undone

pytestmark = pytest.mark.django_db

LAWS = settings(max_examples=300, suppress_health_check=list(HealthCheck))
OPERATIONS = ("add", "remove", "replace")
GARBAGE: tuple[Any, ...] = (
    None,
    7,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": 1},
    {"value": None},
    [{"value": 7}],
    {"nested": {"nested": {}}},
    10**400,
)
MARKS = ("", "[", "]", ".", ":", "[]", '"', " eq ", "..", "\x00", "\ud800", "😀", "urn:", "(", "$")


@pytest.fixture
def ask(tenant: Tenant, settings: Settings) -> Asker:
    settings.SCIM_RATE_LIMIT_PER_MINUTE = 1_000_000
    return extended(tenant)


def paths(tree: Attribute) -> st.SearchStrategy[str]:
    """Return paths that can be written, and such with a fault somewhere."""
    names = [*named(tree)]
    plain = st.sampled_from([each.text for each in names] + ["members", "members.value", "groups"])
    selecting = [each for each in names if each.attribute.children and each.many]
    proper = plain
    if selecting:
        proper |= st.sampled_from(selecting).flatmap(
            lambda each: st.sampled_from([*each.attribute.children.values()]).flatmap(
                lambda part: st.builds(
                    "{}[{} eq {}]{}".format,
                    st.just(each.text),
                    st.just(part.name),
                    operands(part) if part.type != "complex" else st.just('"x"'),
                    st.sampled_from(["", f".{part.name}", ".value", ".display"]),
                )
            )
        )
    cased = st.builds(lambda text, change: change(text), proper, st.sampled_from(CASES))
    return proper | cased | st.builds(_spoilt, proper, st.integers(0, 60), st.sampled_from(MARKS))


def _spoilt(text: str, at: int, mark: str) -> str:
    return text[:at] + mark + text[at + 1 :]


def values(tree: Attribute) -> st.SearchStrategy[Any]:
    """Return values of every type, whole resources, and garbage."""
    plain = st.sampled_from([each for kind in VALUES.values() for each in kind])
    entry = st.dictionaries(
        st.sampled_from(["value", "type", "primary", "display", "$ref", "givenName", "badge"]),
        plain,
        max_size=3,
    )
    whole = st.integers(0, 1000).map(lambda seed: user(Random(seed), seed))
    dotted = st.dictionaries(
        st.sampled_from([each.text for each in named(tree)]), plain | entry, max_size=3
    )
    return plain | entry | st.lists(entry, max_size=3) | whole | dotted | st.sampled_from(GARBAGE)


def operations(tree: Attribute) -> st.SearchStrategy[dict[str, Any]]:
    """Return operations, some of which lack what they need."""
    return st.fixed_dictionaries(
        {"op": st.sampled_from([*OPERATIONS, "Add", "REPLACE", "move", None])},
        optional={"path": paths(tree), "value": values(tree)},
    )


@pytest.mark.parametrize("kind", [USER, GROUP])
def test_patch_is_done_or_refused_whole(ask: Asker, kind: str) -> None:
    ann = ask.user("ann", emails=[{"value": "a@example.com", "type": "work"}])
    team = ask.group("Team", [ann["id"]])
    path = f"/Users/{ann['id']}" if kind == USER else f"/Groups/{team['id']}"
    before = ask.read(path)

    @LAWS
    @given(st.lists(operations(offered().trees[kind]), min_size=1, max_size=4))
    def holds(changes: list[dict[str, Any]]) -> None:
        with undone():
            answer = ask("PATCH", path, {"schemas": [PATCH], "Operations": changes})

            assert answer.status_code in (200, 400, 409), answer.content
            if answer.status_code != 200:
                assert said(answer)["status"] == str(answer.status_code)
                assert ask.read(path) == before

    holds()


def test_patch_keeps_what_it_does_not_name(ask: Asker) -> None:
    ann = ask.user("ann", title="Driver", nickName="Annie")
    path = f"/Users/{ann['id']}"

    @LAWS
    @given(st.sampled_from(STRINGS), st.sampled_from(CASES))
    def holds(text: str, change: Any) -> None:
        with undone():
            ask.patch(path, {"op": "replace", "path": change("displayName"), "value": text})
            after = ask.read(path)

        assert after.get("displayName", "") == text
        assert {**after, "displayName": 0, "meta": 0} == {**ann, "displayName": 0, "meta": 0}

    holds()


def member_operations(ids: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return proper operations on members, as anybody may write them."""
    path = st.sampled_from(["members", "MEMBERS", "mEmbers", f"{GROUP_SCHEMA}:members"])
    one = st.sampled_from(ids)
    entry = st.builds(lambda each: {"value": each}, one)
    many = st.lists(entry, max_size=4, unique_by=lambda each: each["value"])
    giving = st.sampled_from(["add", "replace"])
    equal = st.builds(
        "{} {} {}".format,
        *map(st.sampled_from, (["value", "VALUE"], ["eq", "EQ"])),
        one.map(json.dumps),
    )
    chosen = (
        equal
        | st.builds("{} or {}".format, equal, equal)
        | st.sampled_from(['type eq "User"', 'type eq "group"', "value pr", 'not (type eq "User")'])
    )
    return st.one_of(
        st.builds(
            lambda op, path, value: {"op": op, "path": path, "value": value}, giving, path, many
        ),
        st.builds(lambda path, value: {"op": "add", "path": path, "value": value}, path, entry),
        st.builds(lambda op, key, value: {"op": op, "value": {key: value}}, giving, path, many),
        st.builds(lambda path: {"op": "remove", "path": path}, path),
        st.builds(lambda path, inner: {"op": "remove", "path": f"{path}[{inner}]"}, path, chosen),
        st.builds(
            lambda op, text: {"op": op, "path": "displayName", "value": text},
            giving,
            st.sampled_from(["Team", "Crew"]),
        ),
    )


def test_members_are_changed_as_the_reference_changes_them(ask: Asker, tenant: Tenant) -> None:
    users = [ask.user(f"user {number}")["id"] for number in range(4)]
    inner = ask.group("Inner")["id"]
    group = ask.group("Team", users[:2])["id"]
    storage = DirectoryStorage(tenant, offered(), make_actor())

    @LAWS
    @given(st.lists(member_operations([*users, inner]), min_size=1, max_size=5))
    def holds(changes: list[dict[str, Any]]) -> None:
        body = {"schemas": [PATCH], "Operations": changes}
        wanted = _patched(storage, group, body)

        with undone():
            answer = ask("PATCH", f"/Groups/{group}", body)

            assert (answer.status_code, ask.members(group)) == (
                (200, wanted) if wanted is not None else (400, set(users[:2]))
            )

    holds()


def _patched(storage: DirectoryStorage, group: str, body: dict[str, Any]) -> set[str] | None:
    """Return the members that the reference leaves, None where it refuses."""
    provider = offered().provider
    with provider:
        model: Any = storage.model(storage.found(GROUP, group))
        kind: Any = type(model)
        try:
            patch = PatchOp[kind].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            patch.patch(model)
        except SCIMException:
            return None
    return {each.value for each in model.members or []}
