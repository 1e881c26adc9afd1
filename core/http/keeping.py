"""What is kept about names. Pure."""

from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class KeptByName(Generic[Kept]):
    """What is kept for names, at most ``most`` of them.

    Each is kept for a caller, the last that had it kept. The caller for whom the most is kept makes
    room, with what was kept first: a flood of names of one caller drives out none of the others.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, tuple[Kept, str]] = {}
        self._hosts: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, host: str) -> Kept | None:
        """Return what is kept for ``host``, or None."""
        kept = self._kept.get(host)
        return None if kept is None else kept[0]

    def keep(self, host: str, what: Kept, *, caller: str) -> None:
        """Keep ``what`` for ``host`` in place of what was."""
        self.drop(host)
        if len(self._kept) >= self._most:
            largest = max(self._hosts.values(), key=len)
            self.drop(next(iter(largest)))
        self._kept[host] = (what, caller)
        self._hosts.setdefault(caller, {})[host] = None

    def drop(self, host: str) -> None:
        """Keep nothing for ``host``."""
        if host not in self._kept:
            return
        _, caller = self._kept.pop(host)
        del self._hosts[caller][host]
        if not self._hosts[caller]:
            del self._hosts[caller]
