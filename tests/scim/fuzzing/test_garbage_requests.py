"""Whatever is sent to a directory, the answer is one of SCIM, and never an error of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core.models import Tenant
from tests.garbage import MALFORMED, MISSHAPEN
from tests.scim.asking import BULK, ERROR, HANDLER, PATCH, SEARCH, USER, Asker, said
from tests.scim.fuzzing.inhabitants import STRINGS
from tests.scim.fuzzing.rooms import extended, undone

pytestmark = pytest.mark.django_db

LAWS = settings(max_examples=500, suppress_health_check=list(HealthCheck))
MAX_BODY_BYTES = 100_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "BREW")
PLACES = (
    "",
    "/",
    "/Users",
    "/users",
    "/Groups",
    "/.search",
    "/Users/.search",
    "/Groups/.search",
    "/Bulk",
    "/Me",
    "/Me/x",
    "/Schemas",
    "/Schemas/x",
    "/ResourceTypes/User",
    "/ServiceProviderConfig",
    "/Users/scm_01kb2v8x5fq3t9w6y4n7m0r2c1",
    "/Groups/x",
    "/Users/%00",
    "/Users/%F0%9F%98%80",
    "/Users/%FF",
    "/Users/../Groups",
    "/Nothing/at/all",
    "//",
)
NAMES = (
    "count",
    "startIndex",
    "cursor",
    "filter",
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
    "COUNT",
    "nothing",
)
WORDS = (
    *STRINGS[:40],
    "-1",
    "0",
    "1e9",
    "9" * 30,
    "9" * 5000,
    "1.5",
    "NaN",
    "\x00",
    "descending",
    "userName",
    "userName,",
    "meta.created",
    "members.value",
    "urn:",
    ",,,",
    'userName eq "ann"',
    "userName eq",
    "(" * 100,
    "not (" * 40 + "title pr" + ")" * 40,
    'emails[type eq "work"',
    "e30",
    "....",
)
TYPES = (
    "application/scim+json",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data; boundary=x",
    "",
    ";;;",
)
TAGS = ("*", 'W/"1"', "W/1", '"', "é", "," * 50)
SMALL = [each for each in MALFORMED + MISSHAPEN if len(each.body) < MAX_BODY_BYTES]


def query_strings() -> st.SearchStrategy[str]:
    pair = st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(WORDS).map(quote))
    return st.lists(pair, max_size=3).map("&".join)


def bodies() -> st.SearchStrategy[bytes]:
    """Return bytes, JSON, and messages whose parts are not what they should be."""
    leaf = st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.floats()
    keys = st.sampled_from(
        [
            *NAMES,
            "schemas",
            "userName",
            "Operations",
            "op",
            "path",
            "value",
            "method",
            "bulkId",
            "data",
            "members",
            "displayName",
            "active",
            "emails",
            "failOnErrors",
            "password",
            "meta",
        ]
    )
    tree = st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=10,
    )
    schemas = st.sampled_from([[USER], [PATCH], [BULK], [SEARCH], ["urn:x"], USER, None])
    message = st.builds(
        lambda known, parts: {**parts, "schemas": known},
        schemas,
        st.dictionaries(keys, tree, max_size=4),
    )
    written = (tree | message).map(lambda value: json.dumps(value).encode())
    return written | st.sampled_from([each.body for each in SMALL]) | st.binary(max_size=40)


@pytest.fixture
def ask(tenant: Tenant, settings: Settings) -> Asker:
    settings.SCIM_RATE_LIMIT_PER_MINUTE = 1_000_000
    asker = extended(tenant)
    asker.user("ann", title="Driver")
    return asker


def sent(ask: Asker, method: str, url: str, body: bytes, type_: str, **headers: str) -> Any:
    client = Client()
    client.handler = HANDLER
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic(
        method,
        f"/scim/v2/{ask.slug}{url}",
        body,
        type_,
        headers={"Authorization": f"Bearer {ask.token}"} | given,
    )


def judged(answer: Any, method: str, place: str) -> None:
    """Claim that an answer is one of SCIM; RFC 7644, section 3.11, has 501 for ``/Me`` alone."""
    without = (method, place) == ("POST", "/Me")
    assert answer.status_code < 500 or (without and answer.status_code == 501), answer.content
    if answer.status_code < 400 or method == "HEAD":
        return
    body = said(answer)
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(answer.status_code)


def test_garbage_gets_an_answer_of_scim(ask: Asker) -> None:
    addresses = st.builds("{}?{}".format, st.sampled_from(PLACES), query_strings())

    @LAWS
    @given(
        st.sampled_from(METHODS),
        addresses,
        bodies(),
        st.sampled_from(TYPES),
        st.sampled_from(TAGS),
    )
    def holds(method: str, address: str, body: bytes, type_: str, tag: str) -> None:
        with undone():
            answer = sent(ask, method, address, body, type_, If_Match=tag)
            judged(answer, method, address.partition("?")[0])

    holds()


def test_garbage_that_looks_proper_gets_an_answer_of_scim(ask: Asker) -> None:
    ann = ask.read("/Users")["Resources"][0]["id"]
    places = ["/Users", f"/Users/{ann}", "/Bulk", "/.search", "/Groups", "/Users/.search"]

    @LAWS
    @given(
        st.sampled_from(["POST", "PUT", "PATCH", "GET"]),
        st.sampled_from(places),
        query_strings(),
        bodies(),
    )
    def holds(method: str, place: str, query: str, body: bytes) -> None:
        with undone():
            judged(sent(ask, method, f"{place}?{query}", body, TYPES[0]), method, place)

    holds()


@pytest.mark.parametrize("garbage", MALFORMED + MISSHAPEN, ids=str)
def test_body_that_is_not_what_it_should_be_is_refused(ask: Asker, garbage: Any) -> None:
    before = ask.read("/Users")

    answer = sent(ask, "POST", "/Users", garbage.body, garbage.content_type)

    judged(answer, "POST", "/Users")
    assert answer.status_code in (400, 413, 415)
    assert ask.read("/Users") == before
