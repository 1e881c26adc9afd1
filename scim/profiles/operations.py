"""One operation of a PATCH request, read as forgivingly as the core does."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

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


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation, and what it is about."""

    raw: dict[str, Json]
    kind: KnownType

    @cached_property
    def op(self) -> str:
        """Return the folded name of the operation, or nothing."""
        name = self._member("op")
        return name.lower() if isinstance(name, str) else ""

    @cached_property
    def path(self) -> str:
        """Return the path; nothing means the resource itself."""
        path = self._member("path")
        return path if isinstance(path, str) else ""

    @cached_property
    def value(self) -> Json:
        """Return the value; a missing one is null."""
        return self._member("value")

    @cached_property
    def target(self) -> Target | None:
        """Return what the path leads to: without one the resource, None when it is unknown."""
        if self._member("path") in (None, ""):
            return Target(schema=self.kind.core)
        return target_of(self.path, self.kind)

    @property
    def writes(self) -> bool:
        """Whether it adds or replaces."""
        return self.op in WRITES

    def altered(self, **members: Json) -> Self:
        """Return the operation with other members, in the spelling that it has."""
        spelled = {key_of(name, self.raw) or name: value for name, value in members.items()}
        return type(self)(raw={**self.raw, **spelled}, kind=self.kind)

    def removal(self, path: str) -> Self:
        """Return the operation that removes what is at ``path``."""
        return type(self)(raw={"op": "remove", "path": path}, kind=self.kind)

    def writing(self, path: str, value: Json) -> Self:
        """Return the same operation for one path."""
        return type(self)(raw={"op": self.op, "path": path, "value": value}, kind=self.kind)

    def _member(self, name: str) -> Json:
        key = key_of(name, self.raw)
        return None if key is None else self.raw[key]
