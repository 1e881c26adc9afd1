"""What the operator lets outbound requests reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.http.addresses import Address, Network, parse_network, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """What may be reached, and whom to trust.

    ``allowed_networks`` opens ranges that are refused by default; ``blocked_networks`` closes more
    and wins. ``ca_bundle`` is the path of a PEM file with certificate authorities to trust beside
    the public ones.
    """

    https_only: bool = True
    allowed_networks: tuple[Network, ...] = ()
    blocked_networks: tuple[Network, ...] = ()
    ca_bundle: str = ""

    def refusal(self, address: Address) -> str | None:
        """Return why ``address`` may not be reached, or None when it may."""
        return refusal(address, allowed=self.allowed_networks, blocked=self.blocked_networks)


def from_settings() -> EgressPolicy:
    """Return the operator's policy; raise ImproperlyConfigured when it cannot be understood."""
    return _build(
        https_only=settings.OUTBOUND_HTTPS_ONLY,
        allowed=tuple(settings.OUTBOUND_ALLOWED_NETWORKS),
        blocked=tuple(settings.OUTBOUND_BLOCKED_NETWORKS),
        ca_bundle=settings.OUTBOUND_CA_BUNDLE,
    )


@lru_cache(maxsize=16)
def _build(
    *, https_only: bool, allowed: tuple[str, ...], blocked: tuple[str, ...], ca_bundle: str
) -> EgressPolicy:
    if ca_bundle and not Path(ca_bundle).is_file():
        raise ImproperlyConfigured(f"OUTBOUND_CA_BUNDLE names {ca_bundle!r}, which is not a file")
    return EgressPolicy(
        https_only=https_only,
        allowed_networks=tuple(_parsed("OUTBOUND_ALLOWED_NETWORKS", allowed)),
        blocked_networks=tuple(_parsed("OUTBOUND_BLOCKED_NETWORKS", blocked)),
        ca_bundle=ca_bundle,
    )


def _parsed(setting: str, texts: Iterable[str]) -> Iterable[Network]:
    for text in texts:
        try:
            yield parse_network(text)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{setting} holds {text!r}, which is no network ({error});"
                " write it like 10.20.0.0/16 or 10.20.30.40/32"
            ) from error
