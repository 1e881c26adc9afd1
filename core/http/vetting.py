"""The verdict about a host: whether all of its addresses may be reached."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.http.addresses import Address
from core.http.errors import AddressRefusedError
from core.http.policy import EgressPolicy

logger = logging.getLogger(__name__)

MAX_ADDRESSES_TRIED = 4


@dataclass(frozen=True, slots=True)
class Route:
    """Addresses that were judged, in the order to try them, and how libcurl wants them written."""

    addresses: tuple[Address, ...]
    text: str

    @classmethod
    def to(cls, addresses: Sequence[Address]) -> "Route":
        """Return the route to the first of the ``addresses``."""
        tried = tuple(addresses[:MAX_ADDRESSES_TRIED])
        texts = (f"[{address}]" if address.version == 6 else str(address) for address in tried)
        return cls(addresses=tried, text=",".join(texts))


def vet(host: str, addresses: Iterable[Address], policy: EgressPolicy) -> None:
    """Raise AddressRefusedError when a single one of the ``addresses`` of ``host`` is refused.

    A name that leads to both sides of the wall is a trick, or a mistake that must not work every
    other time. The operator reads in the log which address it was; the tenant does not.
    """
    for address in addresses:
        reason = policy.refusal(address)
        if reason is not None:
            logger.warning(
                "http.address_refused",
                extra={"host": host, "address": str(address), "reason": reason},
            )
            raise AddressRefusedError(
                f"{host} leads to an address that requests may not be sent to"
            )
