"""What holds for every profile and every body: laws, searched for exceptions."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim.profiles import PROFILES, KnownAttributes, Profile, RawRequest, normalize
from scim.schemas.service import service

KNOWN = KnownAttributes.of_trees(service("", creates_entries=False).trees)
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
EVERY = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
EXAMPLES = settings(max_examples=100, deadline=None)

# What deviates: the pieces of which identity providers make their bodies, and nonsense.
KEYS = st.sampled_from(
    (
        "schemas", "Operations", "op", "Op", "path", "value", "$ref", "members", "Members", "emails",
        "active", "manager", "name", "name.givenName", "givenName", "primary", "type", "id", "meta",
        "groups", "password", "title", "filter", "method", "data", "shoeSize", ENTERPRISE,
        f"{ENTERPRISE}:manager", 'emails[type eq "work"].value', "urn:scim:schemas:core:1.0", "",
    )
)  # fmt: skip
WORDS = st.sampled_from(
    (
        "Add", "replace", "Remove", "True", "false", "", "members", "manager", "active", "POST",
        "PATCH", "/Users", "/Groups/1", USER, ENTERPRISE, f"{ENTERPRISE}:manager.value", "shoeSize",
        'roles[primary eq "True"].value', "emails[type eq work]", "userName sw O", "title", "[", '"',
        'userName eq "a%40b"', 'active eq "False" and (x', "urn:scim:schemas:core:1.0", "name.x",
    )
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
OPERATIONS = st.fixed_dictionaries(
    {"op": WORDS}, optional={"path": KEYS | WORDS, "value": JSON, "Op": WORDS}
)
BODIES = (
    JSON
    | st.dictionaries(KEYS, JSON, max_size=8)
    | st.fixed_dictionaries({"Operations": st.lists(OPERATIONS, max_size=4)})
)
REQUESTS = st.builds(
    RawRequest,
    kind=st.sampled_from(("create", "replace", "patch", "search", "query", "bulk")),
    resource_type=st.sampled_from(("User", "Group", "", "Device")),
    body=BODIES,
    query=st.dictionaries(
        st.sampled_from(("filter", "attributes", "count")), WORDS | st.text(max_size=20)
    ),
)

# What conforms.
TEXTS = st.text(st.characters(categories=("L", "N"), max_codepoint=0x17F), min_size=1, max_size=8)
ENTRIES = st.fixed_dictionaries(
    {"value": TEXTS},
    optional={"type": TEXTS, "primary": st.booleans(), "display": TEXTS},
)
MANAGERS = st.fixed_dictionaries({"value": TEXTS}, optional={"$ref": TEXTS})
EXTENSIONS = st.fixed_dictionaries(
    {}, optional={"department": TEXTS, "manager": MANAGERS | st.none()}
)
ATTRIBUTES = {
    "externalId": TEXTS,
    "title": TEXTS,
    "TITLE": TEXTS,
    "password": TEXTS,
    "active": st.booleans() | st.none(),
    "name": st.fixed_dictionaries({}, optional={"givenName": TEXTS, "FamilyName": TEXTS}),
    "emails": st.lists(ENTRIES, max_size=3) | st.none(),
    ENTERPRISE: EXTENSIONS,
}
USERS = st.fixed_dictionaries(
    {"schemas": st.sampled_from(([USER], [USER, ENTERPRISE])), "userName": TEXTS},
    optional={**ATTRIBUTES, "id": TEXTS, "meta": st.just({"resourceType": "User"})},
)
PATHS = st.sampled_from(
    ("title", "Name.GivenName", f"{USER}:title", f"{ENTERPRISE}:department", 'emails[type eq "w"]',
     'emails[type eq "w" and primary eq true].value', f"{ENTERPRISE}:manager.value"),
)  # fmt: skip
WRITES = st.sampled_from(("add", "replace"))
CONFORMING_OPERATIONS = (
    st.fixed_dictionaries({"op": st.just("remove"), "path": PATHS})
    | st.fixed_dictionaries({"op": WRITES, "value": st.fixed_dictionaries({}, optional=ATTRIBUTES)})
    | st.fixed_dictionaries(
        {"op": WRITES, "path": PATHS.filter(lambda path: not path.endswith("]")), "value": TEXTS}
    )
)
CONFORMING = st.builds(
    RawRequest,
    kind=st.sampled_from(("create", "replace")),
    resource_type=st.just("User"),
    body=USERS,
    query=st.just({}),
) | st.builds(
    RawRequest,
    kind=st.just("patch"),
    resource_type=st.just("User"),
    body=st.fixed_dictionaries(
        {
            "schemas": st.just(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]),
            "Operations": st.lists(CONFORMING_OPERATIONS, min_size=1, max_size=4),
        }
    ),
    query=st.just({}),
)


@EVERY
@given(request=REQUESTS)
@EXAMPLES
def test_no_body_makes_a_profile_fail_or_is_altered_in_place(
    profile: Profile, request: RawRequest
) -> None:
    before = copy.deepcopy(request)

    normalized = normalize(profile, request, KNOWN)

    assert repr(request) == repr(before)
    if not normalized.firings:
        assert normalized.body is request.body
        assert normalized.query == request.query


@EVERY
@given(request=REQUESTS)
@EXAMPLES
def test_what_is_put_right_is_right(profile: Profile, request: RawRequest) -> None:
    once = normalize(profile, request, KNOWN)

    again = normalize(
        profile,
        RawRequest(
            kind=request.kind,
            resource_type=request.resource_type,
            body=once.body,
            query=once.query,
        ),
        KNOWN,
    )

    assert again.firings == ()
    assert again.body is once.body
    assert again.query == once.query


@EVERY
@given(request=CONFORMING)
@EXAMPLES
def test_what_conforms_is_left_alone(profile: Profile, request: RawRequest) -> None:
    normalized = normalize(profile, request, KNOWN)

    assert normalized.firings == ()
    assert normalized.body is request.body


@EVERY
@given(value=TEXTS, other=TEXTS)
@EXAMPLES
def test_conforming_filters_are_left_alone(profile: Profile, value: str, other: str) -> None:
    query = {
        "filter": f'userName eq "{value}" and (emails[type eq "{other}"] or not (active eq true))',
        "attributes": "userName,emails.value",
    }
    request = RawRequest(kind="query", resource_type="User", body=None, query=query)

    normalized = normalize(profile, request, KNOWN)

    assert normalized.query == query
    assert normalized.firings == ()


@given(request=REQUESTS)
@EXAMPLES
def test_passwords_are_never_touched(request: RawRequest) -> None:
    secret: Any = {"kept": "\0"}
    body = {"Operations": [{"op": "add", "path": "password", "value": secret}]}
    whole = {"password": secret, "extra": request.body}

    for profile in PROFILES.values():
        patch = normalize(
            profile, RawRequest(kind="patch", resource_type="User", body=body, query={}), KNOWN
        )
        create = normalize(
            profile, RawRequest(kind="create", resource_type="User", body=whole, query={}), KNOWN
        )

        assert patch.body is body
        assert isinstance(create.body, dict)
        assert create.body["password"] is secret
