"""What a PATCH does to the members of a group, found out without looking at them.

A group may have ten thousand members, and an identity provider adds them one by one. So the
operations on ``members`` are made into a set of ids to add and a set to take out, and the members
that stay are neither read nor written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim2_models import InvalidValueException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from core.types import Json
from scim.folding import fold

MEMBERS, VALUE = "members", "value"
MAX_ID_CHARACTERS = 200


@dataclass(slots=True, kw_only=True)
class MemberChanges:
    """Changes of members in the order in which they were asked for; of two for one id the last counts.

    ``replaces``: who is not in ``wanted`` goes, whoever that is.
    """

    replaces: bool = False
    wanted: dict[str, bool] = field(default_factory=dict)
    """Ids, and whether each is to be a member."""

    def __bool__(self) -> bool:
        return self.replaces or bool(self.wanted)

    @property
    def added(self) -> list[str]:
        """Who is to be a member."""
        return [identity for identity, wanted in self.wanted.items() if wanted]

    @property
    def removed(self) -> list[str]:
        """Who is to be none."""
        return [identity for identity, wanted in self.wanted.items() if not wanted]

    def add(self, ids: Iterable[str]) -> None:
        """Let ``ids`` be members."""
        self.wanted |= dict.fromkeys(ids, True)

    def remove(self, ids: Iterable[str]) -> None:
        """Let ``ids`` be none."""
        self.wanted |= dict.fromkeys(ids, False)

    def replace(self, ids: Iterable[str]) -> None:
        """Let ``ids`` be the members."""
        self.replaces = True
        self.wanted = dict.fromkeys(ids, True)


def ids_of(value: Any) -> list[str]:
    """Return the ids in a list of members, ``[{"value": "…"}, …]``, or in one member.

    Raises InvalidValueException for what is none.
    """
    entries = value if isinstance(value, list) else [value]
    return [_id_of(entry) for entry in entries]


def _id_of(entry: Any) -> str:
    found = entry.get(VALUE) if isinstance(entry, Mapping) else getattr(entry, VALUE, None)
    if isinstance(entry, Mapping) and found is None:
        found = next((each for name, each in entry.items() if name.lower() == VALUE), None)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_ID_CHARACTERS:
        raise InvalidValueException(
            detail=f'A member is written as {{"value": id}}, with at most {MAX_ID_CHARACTERS}'
            " characters"
        )
    return fold(found, case_exact=True)


def selected_ids(node: FilterNode) -> list[str] | None:
    """Return the ids that ``members[…]`` selects, or None when that takes a look at the members."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.or_:
        parts = [selected_ids(term) for term in node.terms]
        known = [part for part in parts if part is not None]
        return [each for part in known for each in part] if len(known) == len(parts) else None
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq:
        return None
    plain = node.attr_path.attr.lower() == VALUE and node.attr_path.sub_attr is None
    return [fold(node.value, case_exact=True)] if plain and isinstance(node.value, str) else None


def without_members(value: Mapping[str, Json]) -> tuple[dict[str, Json], Sequence[Json]]:
    """Return an object of attributes without its members, and the values that stood there."""
    rest = {name: each for name, each in value.items() if _bare(name) != MEMBERS}
    return rest, [each for name, each in value.items() if _bare(name) == MEMBERS]


def _bare(name: str) -> str:
    """Return the name of an attribute without the URN of its schema."""
    return name.rpartition(":")[2].lower()
