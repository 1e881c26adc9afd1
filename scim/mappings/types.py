"""What trying a mapping tells."""

import json
from dataclasses import dataclass
from typing import Literal

from core.strict_json import identity
from core.types import Json
from records.mapping import Mapped

Source = Literal["stored", "request"]
CHANGED, SAME, GONE, NEW = "changed", "same", "gone", "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field under two mappings; ``old`` and ``new`` are None where there is no value.

    The problems say why there is none, and are empty where nothing is wrong.
    """

    field: str
    state: str
    old: Json = None
    new: Json = None
    old_problem: str = ""
    new_problem: str = ""

    @property
    def old_text(self) -> str:
        """The old value as a page shows it."""
        return _shown(self.old)

    @property
    def new_text(self) -> str:
        """The new value as a page shows it."""
        return _shown(self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One user under the mapping in force and under a draft.

    ``source`` says what both were tried on: the user as it is stored, or as a logged request would
    make it. ``note`` says why it is not the latter where that was asked for.
    """

    identity: str
    label: str
    before: Mapped
    after: Mapped
    source: Source = "stored"
    note: str = ""

    @property
    def lines(self) -> list[Line]:
        """Every field that has a value, or a problem, under one of the two."""
        old_problems = {each.field: each.message for each in self.before.problems}
        new_problems = {each.field: each.message for each in self.after.problems}
        named = [*self.after.values, *new_problems, *self.before.values, *old_problems]
        return [
            Line(
                field=name,
                state=_state(name, self.before.values, self.after.values),
                old=self.before.values.get(name),
                new=self.after.values.get(name),
                old_problem=old_problems.get(name, ""),
                new_problem=new_problems.get(name, ""),
            )
            for name in dict.fromkeys(named)
        ]


def _shown(value: Json) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _state(name: str, old: dict[str, Json], new: dict[str, Json]) -> str:
    if name not in new:
        return GONE if name in old else SAME
    if name not in old:
        return NEW
    return SAME if identity(old[name]) == identity(new[name]) else CHANGED
