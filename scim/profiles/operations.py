"""One operation of a PATCH request, read as forgivingly as the core does."""

from typing import Literal, Self

from core.types import Json
from scim.profiles.known import KnownType
from scim.profiles.targets import Target, target_of

WRITES = ("add", "replace")


def key_of(name: str, value: dict[str, Json]) -> str | None:
    """Return how ``value`` spells the key ``name``: names have no letter case (RFC 7643, 2.1).

    When it has several spellings of it the last counts, as for the core.
    """
    folded = name.lower()
    return next((key for key in reversed(value) if key.lower() == folded), None)


def nothing() -> dict[str, Json]:
    """Return an operation that changes nothing, to take the place of those that were ignored."""
    return {"op": "replace", "value": {}}


class Operation:
    """An operation, and what it is about.

    A body may hold a hundred thousand of them, and every rule looks at each: the members are read
    once, and the path is followed only when a rule asks.
    """

    __slots__ = ("_target", "kind", "op", "path", "raw", "value")

    def __init__(self, raw: dict[str, Json], kind: KnownType) -> None:
        self.raw = raw
        self.kind = kind
        members = {key.lower(): value for key, value in raw.items()}
        op, path = members.get("op"), members.get("path")
        self.op = op.lower() if isinstance(op, str) else ""
        # Nothing means the resource itself.
        self.path = path if isinstance(path, str) else ""
        self.value = members.get("value")
        self._target: Target | Literal[False] | None = False
        if path is None or path == "":
            self._target = Target(schema=kind.core)

    @property
    def target(self) -> Target | None:
        """Return what the path leads to: without one the resource, None when it is unknown."""
        if self._target is False:
            self._target = target_of(self.path, self.kind)
        return self._target

    @property
    def writes(self) -> bool:
        """Whether it adds or replaces."""
        return self.op in WRITES

    def altered(self, **members: Json) -> Self:
        """Return the operation with other members, in the spelling that it has."""
        spelled = {key_of(name, self.raw) or name: value for name, value in members.items()}
        return type(self)({**self.raw, **spelled}, self.kind)

    def removal(self, path: str) -> Self:
        """Return the operation that removes what is at ``path``."""
        return type(self)({"op": "remove", "path": path}, self.kind)

    def writing(self, path: str, value: Json) -> Self:
        """Return the same operation for one path."""
        return type(self)({"op": self.op, "path": path, "value": value}, self.kind)
