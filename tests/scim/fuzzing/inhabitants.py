"""Users and groups of every kind, and the values that they have in common with filters."""

import base64
from random import Random
from typing import Any

from scim.schemas.attributes import Attribute
from scim.schemas.service import Service, service
from tests.scim.fuzzing.own_attributes import EXTENSION, GROUP, USER

STRINGS = (
    "",
    "a",
    "A",
    "Ann",
    "ANNA",
    'say "hi"',
    "100%",
    "a_b",
    "a%b",
    "back\\slash",
    "it's",
    "x' OR '1'='1",
    "Jürgen Öz",
    "JU\u0308RGEN O\u0308Z",
    "İstanbul",
    "i\u0307stanbul",
    "straße",
    "STRASSE",
    "\u212a",
    "k",
    "Σίσυφος",
    "ΣΊΣΥΦΟΣ",
    "\u1e9e",
    "😀",
    "a😀b",
    "👩‍👩‍👧",
    "e\u0301",
    "É",
    "\u0301",
    "\uff41",
    "\ufb01",
    "\uffff",
    "\U0010ffff",
    "\u200b",
    " a ",
    "tab\tnew\nline",
    "\x01\x7f",
    "$.name",
    "{}",
    "[]",
    "null",
    "true",
    "1",
    "work",
    "HOME",
    "Xy" * 400,
)
INTEGERS = (-(2**63), -7, -1, 0, 1, 2, 7, 10, 100, 2**31, 2**53 + 1, 2**63 - 1)
DECIMALS = (-1e300, -2.5, -1.0, 0.0, 0.1, 0.30000000000000004, 1.0, 1.5, 7.0, 2.0**53, 1e300)
MOMENTS = (
    "0001-01-02T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13T04:42:34.5Z",
    "2011-05-13T04:42:34.000001-11:30",
    "2100-02-28T12:00:00Z",
    "9999-12-30T00:00:00Z",
)
BINARIES = tuple(
    base64.b64encode(each).decode() for each in (b"a", b"ab", b"abc", b"\xff\xfe", b"\x00" * 5)
)
REFERENCES = (
    "https://example.com/a",
    "https://EXAMPLE.com/A",
    "https://example.com/a%20b?c=1#d",
    "urn:example:x",
)
VALUES: dict[str, tuple[Any, ...]] = {
    "string": STRINGS,
    "integer": INTEGERS,
    "decimal": DECIMALS,
    "dateTime": MOMENTS,
    "binary": BINARIES,
    "reference": REFERENCES,
    "boolean": (True, False),
}
NOT_WRITTEN = ("id", "meta", "schemas", "groups", "members", "password")
URN = "urn:"


def offered() -> Service:
    """Return what the directory offers in which all of them live."""
    return service(EXTENSION, creates_entries=False)


def user(random: Random, number: int) -> dict[str, Any]:
    """Return a user of whom anything may be known."""
    data = _some(offered().trees["User"], random)
    name = f"{random.choice(STRINGS)[:100]}{number}"
    extensions = [each for each in data if each.startswith(URN)]
    return {**data, "schemas": [USER, *extensions], "userName": name}


def group(random: Random, number: int, members: list[str]) -> dict[str, Any]:
    """Return a group with some of ``members``."""
    chosen = random.sample(members, random.randint(0, min(4, len(members))))
    known = {"externalId": random.choice(STRINGS)[:100]} if random.random() < 0.5 else {}
    return {
        "schemas": [GROUP],
        "displayName": f"{random.choice(STRINGS)[:100]}{number % 3}" or "group",
        "members": [{"value": each} for each in chosen],
        **known,
    }


def _some(tree: Attribute, random: Random) -> dict[str, Any]:
    """Return values for about half of the attributes."""
    chosen = (
        each
        for each in tree.children.values()
        if each.mutability != "readOnly" and each.name not in NOT_WRITTEN
    )
    return {
        each.name: found
        for each in chosen
        if random.random() < 0.6 and (found := _value(each, random)) not in (None, {}, [])
    }


def _value(attribute: Attribute, random: Random) -> Any:
    if not attribute.multi_valued:
        return _one(attribute, random)
    entries = [_one(attribute, random) for _ in range(random.randint(0, 3))]
    entries = [each for each in entries if each not in (None, {})]
    for entry in entries[1:]:
        if isinstance(entry, dict):
            entry.pop("primary", None)
    return entries


def _one(attribute: Attribute, random: Random) -> Any:
    if attribute.type == "complex":
        return _some(attribute, random)
    if attribute.name == "externalId":
        return random.choice(STRINGS)[:100]
    return random.choice(VALUES[attribute.type])
