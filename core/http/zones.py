"""Which names belong together, and what is kept about names. Pure.

The names of one zone are answered by the same name servers, so when these hang, they all do. Whoever
invents names without end invents them in a zone, and in few of them: so zones, not names, share.
"""

from functools import lru_cache
from typing import Generic, TypeVar

# Below a country, these are no owner's zone but everybody's: shop.example.co.uk.
_SHARED_BELOW_COUNTRIES = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org")
)
_COUNTRY_CHARACTERS = 2

Kept = TypeVar("Kept")


@lru_cache(maxsize=8_192)
def zone_of(host: str) -> str:
    """Return the zone of ``host``, as well as its last labels tell: that of its owner's domain."""
    labels = host.rstrip(".").split(".")
    shared = (
        len(labels[-1]) == _COUNTRY_CHARACTERS
        and len(labels) > 1
        and labels[-2] in _SHARED_BELOW_COUNTRIES
    )
    return ".".join(labels[-3 if shared else -2 :])


class KeptByName(Generic[Kept]):
    """What is kept for names, at most ``most`` of them.

    The zone of which the most is kept makes room, with what was kept first: a flood of names in one
    zone drives out none of the others.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, Kept] = {}
        self._zones: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, host: str) -> bool:
        return host in self._kept

    def get(self, host: str) -> Kept | None:
        """Return what is kept for ``host``, or None."""
        return self._kept.get(host)

    def keep(self, host: str, what: Kept) -> None:
        """Keep ``what`` for ``host`` in place of what was."""
        self.drop(host)
        if len(self._kept) >= self._most:
            largest = max(self._zones.values(), key=len)
            self.drop(next(iter(largest)))
        self._kept[host] = what
        self._zones.setdefault(zone_of(host), {})[host] = None

    def drop(self, host: str) -> None:
        """Keep nothing for ``host``."""
        if host not in self._kept:
            return
        del self._kept[host]
        zone = self._zones[zone_of(host)]
        del zone[host]
        if not zone:
            del self._zones[zone_of(host)]
