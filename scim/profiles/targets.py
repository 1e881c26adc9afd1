"""What a PATCH path, or a key that is one, leads to (RFC 7644, section 3.5.2)."""

import re
from dataclasses import dataclass

from scim.profiles.known import KnownType
from scim.schemas.attributes import Attribute

MAX_PATH_LENGTH = 4096
"""Longer paths are left to the core unread."""

_NAME = r"[A-Za-z$][\w$-]*"
_PATH = re.compile(
    rf"(?:(?P<urn>urn:[^\s\"\[\]]*):)?(?P<name>{_NAME})"
    rf"(?P<filter>\[.*\])?(?:\.(?P<part>{_NAME}))?",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The part of a resource that a path names.

    Without ``attribute`` it is a whole schema. ``filtered`` tells that single entries of a
    multi-valued attribute are meant, ``part`` is the sub-attribute, if one is named.
    """

    schema: Attribute
    attribute: Attribute | None = None
    filtered: bool = False
    part: Attribute | None = None

    @property
    def whole(self) -> Attribute | None:
        """Return the attribute, when the path means all of it."""
        return None if self.filtered or self.part else self.attribute

    @property
    def innermost(self) -> Attribute | None:
        """Return the sub-attribute, or the attribute when the path names none."""
        return self.part or self.attribute


def is_path(text: str) -> bool:
    """Return whether ``text`` could be a path, whatever it leads to."""
    return _matched(text) is not None


def target_of(path: str, kind: KnownType) -> Target | None:
    """Return what ``path`` leads to, or None when that is unknown or no path at all."""
    schema = kind.schema(path)
    if schema:
        return Target(schema=schema)
    match = _matched(path)
    if not match:
        return None
    urn, name, part = match["urn"], match["name"], match["part"]
    schema = kind.schema(urn) if urn else kind.core
    attribute = schema.child(name) if schema else None
    if schema is None or attribute is None:
        return None
    if part and not attribute.child(part):
        return None
    return Target(
        schema=schema,
        attribute=attribute,
        filtered=match["filter"] is not None,
        part=attribute.child(part) if part else None,
    )


def _matched(path: str) -> re.Match[str] | None:
    return _PATH.fullmatch(path) if len(path) <= MAX_PATH_LENGTH else None
