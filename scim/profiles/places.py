"""Where in a body a rule has changed something."""

from typing import Self


class Place:
    """A point in a body; ``found`` is shared by all points, and collects what was marked.

    The text is made only for what is marked: most of what is walked through is in order.
    """

    __slots__ = ("_path", "found")

    def __init__(self, path: tuple[str | int, ...] = (), found: list[str] | None = None) -> None:
        self._path = path
        self.found: list[str] = [] if found is None else found

    def inside(self, step: str | int) -> Self:
        """Return the point one step further: a key, or a position in a list."""
        return type(self)((*self._path, step), self.found)

    def mark(self) -> None:
        """Note that something was changed here."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self._path)
        self.found.append(text.removeprefix("."))
