"""Which names may be looked up now, when there are fewer threads than names. Pure.

A look-up that hangs cannot be broken off and keeps its thread. Two rules see to it that there is
always another thread for a name that answers:

- *Strangers*, names that nobody here has seen answer, have at most half of the places. The others
  are for names that answered when they were asked last.
- A zone may take a place only while four are free for each that it holds. So one zone alone gets
  a fifth of them, two a sixth each, and much is left for others, however many names it has.
"""

from collections import Counter

from core.http.zones import KeptByName, zone_of

MAX_ACQUAINTANCES = 16_384
FREE_FOR_EACH_HELD = 4


class Places:
    """The places for ``limit`` look-ups at once. Not thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._limit_of_strangers = max(1, limit // 2)
        self._acquaintances: KeptByName[None] = KeptByName(MAX_ACQUAINTANCES)
        self._taken: dict[str, bool] = {}
        self._strangers = 0
        self._zones: Counter[tuple[str, bool]] = Counter()

    @property
    def full(self) -> bool:
        return len(self._taken) >= self._limit

    def take(self, host: str) -> bool:
        """Take a place for the look-up of ``host``, which has none; return whether there was one."""
        known = host in self._acquaintances
        free = self._limit - len(self._taken)
        if not known:
            free = min(free, self._limit_of_strangers - self._strangers)
        group = (zone_of(host), known)
        if self._zones[group] * FREE_FOR_EACH_HELD >= free:
            return False
        self._zones[group] += 1
        self._strangers += not known
        self._taken[host] = known
        return True

    def give_back(self, host: str, *, answered: bool) -> None:
        """Give the place of ``host`` back; it is a stranger from now on unless it ``answered``."""
        known = self._taken.pop(host)
        group = (zone_of(host), known)
        self._zones[group] -= 1
        if not self._zones[group]:
            del self._zones[group]
        self._strangers -= not known
        if answered:
            self._acquaintances.keep(host, None)
        else:
            self._acquaintances.drop(host)
