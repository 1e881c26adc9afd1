"""Where in a body a rule has changed something."""

from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a body; ``found`` is shared by all points, and collects what was marked.

    The text is made only for what is marked: most of what is walked through is in order.
    """

    path: tuple[str | int, ...] = ()
    found: list[str] = field(default_factory=list)

    def inside(self, step: str | int) -> Self:
        """Return the point one step further: a key, or a position in a list."""
        return type(self)((*self.path, step), self.found)

    def mark(self) -> None:
        """Note that something was changed here."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        self.found.append(text.removeprefix("."))
