"""Which names may be looked up now, when there are fewer threads than names. Pure.

A look-up that hangs cannot be broken off and keeps its thread. Three rules see to it that there is
always another thread for a name that answers:

- A caller may take a place only while four are free for each that it holds. So one caller alone
  gets a fifth of them, two a sixth each, and much is left for others, whatever names it asks for.
- *Strangers*, names that nobody here has seen answer, have at most half of the places. The others
  are for names that answered when they were asked last.
- *Suspects*, strangers that were slow when they were asked last, have at most an eighth. So a dead
  name server that many callers depend on does not keep out names that nobody has asked for yet.

The callers share, not the domains: who owns a name cannot be told from it, and domains are cheap.
"""

from collections import Counter
from enum import Enum, auto

from core.http.keeping import KeptByName

MAX_STANDINGS_KEPT = 16_384
FREE_FOR_EACH_HELD = 4
STRANGERS_SHARE_THE = 2
SUSPECTS_SHARE_THE = 8


class Standing(Enum):
    """What was seen of a name when it was asked last."""

    NEW = auto()
    KNOWN = auto()
    SUSPECT = auto()


class Places:
    """The places for ``limit`` look-ups at once. Not thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._limit_of_strangers = max(1, limit // STRANGERS_SHARE_THE)
        self._limit_of_suspects = max(1, limit // SUSPECTS_SHARE_THE)
        self._standings: KeptByName[Standing] = KeptByName(MAX_STANDINGS_KEPT)
        self._taken: dict[str, tuple[str, Standing]] = {}
        self._held: Counter[tuple[str, Standing]] = Counter()
        self._under_way: Counter[Standing] = Counter()

    @property
    def full(self) -> bool:
        return len(self._taken) >= self._limit

    def take(self, host: str, caller: str) -> bool:
        """Take a place for the look-up of ``host``, which has none; return whether there was one."""
        standing = self._standings.get(host) or Standing.NEW
        holder = (caller, standing)
        if self._held[holder] * FREE_FOR_EACH_HELD >= self._free(standing):
            return False
        self._taken[host] = holder
        self._held[holder] += 1
        self._under_way[standing] += 1
        return True

    def give_back(self, host: str, standing: Standing) -> None:
        """Give the place of ``host`` back, which is of this ``standing`` from now on."""
        holder = self._taken.pop(host)
        caller, standing_before = holder
        self._under_way[standing_before] -= 1
        self._held[holder] -= 1
        if not self._held[holder]:
            del self._held[holder]
        if standing is Standing.NEW:
            self._standings.drop(host)
        else:
            self._standings.keep(host, standing, caller=caller)

    def _free(self, standing: Standing) -> int:
        """Return how many places are free for names of ``standing``."""
        free = self._limit - len(self._taken)
        if standing is Standing.KNOWN:
            return free
        suspects = self._under_way[Standing.SUSPECT]
        free = min(free, self._limit_of_strangers - self._under_way[Standing.NEW] - suspects)
        return free if standing is Standing.NEW else min(free, self._limit_of_suspects - suspects)
