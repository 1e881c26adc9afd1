"""Which address may be reached. Pure.

``ipaddress.is_global`` is not asked: it calls multicast, NAT64, 6to4 and several reserved blocks
global. The tables below follow the IANA special-purpose registries (RFC 6890 and its successors)
and err on the side of refusing: no public web server lives in a block that is left out.
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from core.http.embedded import embedded_addresses, is_carrier

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Instance metadata and platform services that hand out credentials to whoever asks. They stay
# closed even inside an allowed network, unless the operator lists exactly the one address.
METADATA_ADDRESSES: dict[Address, str] = {
    ip_address(text): f"metadata service ({platform})"
    for text, platform in (
        ("169.254.169.254", "most clouds"),
        ("169.254.170.2", "Amazon ECS"),
        ("169.254.170.23", "Amazon EKS"),
        ("169.254.0.23", "Tencent Cloud"),
        ("169.254.42.42", "Scaleway"),
        ("100.100.100.200", "Alibaba Cloud"),
        ("168.63.129.16", "Azure"),
        ("192.0.0.192", "Oracle Cloud"),
        ("fd00:ec2::254", "Amazon EC2"),
        ("fd00:ec2::23", "Amazon EKS"),
        ("fd20:ce::254", "Google Cloud"),
        ("fd00:42::42", "Scaleway"),
    )
}

REFUSED_IPV4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(text), reason)
    for text, reason in (
        ("0.0.0.0/8", "this network (RFC 791)"),
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("100.64.0.0/10", "shared by carriers (RFC 6598)"),
        ("127.0.0.0/8", "loopback (RFC 1122)"),
        ("169.254.0.0/16", "link-local (RFC 3927)"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.0.0.0/24", "protocol assignments (RFC 6890)"),
        ("192.0.2.0/24", "documentation (RFC 5737)"),
        ("192.31.196.0/24", "AS112 (RFC 7535)"),
        ("192.52.193.0/24", "multicast tunneling (RFC 7450)"),
        ("192.88.99.0/24", "6to4 relay (RFC 7526)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("192.175.48.0/24", "AS112 (RFC 7534)"),
        ("198.18.0.0/15", "benchmarking (RFC 2544)"),
        ("198.51.100.0/24", "documentation (RFC 5737)"),
        ("203.0.113.0/24", "documentation (RFC 5737)"),
        ("224.0.0.0/4", "multicast (RFC 5771)"),
        ("255.255.255.255/32", "broadcast (RFC 919)"),
        ("240.0.0.0/4", "reserved (RFC 1112)"),
    )
)

REFUSED_IPV6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(text), reason)
    for text, reason in (
        ("::/128", "unspecified (RFC 4291)"),
        ("::1/128", "loopback (RFC 4291)"),
        ("::/8", "reserved (RFC 4291)"),
        ("100::/64", "discard-only (RFC 6666)"),
        ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
        ("2001::/23", "protocol assignments (RFC 2928)"),
        ("2001:db8::/32", "documentation (RFC 3849)"),
        ("2620:4f:8000::/48", "AS112 (RFC 7534)"),
        ("3ffe::/16", "returned test network (RFC 3701)"),
        ("3fff::/20", "documentation (RFC 9637)"),
        ("5f00::/16", "segment routing (RFC 9602)"),
        ("fc00::/7", "private (RFC 4193)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("fec0::/10", "site-local (RFC 3879)"),
        ("ff00::/8", "multicast (RFC 4291)"),
    )
)

# The only block from which global unicast addresses are handed out (RFC 4291, 2.4, and IANA).
GLOBAL_UNICAST = IPv6Network("2000::/3")


def parse_network(text: str) -> Network:
    """Return the network that ``text`` names in CIDR notation; raise ValueError when malformed."""
    return ip_network(text.strip())


def refusal(
    address: Address, *, allowed: Iterable[Network] = (), blocked: Iterable[Network] = ()
) -> str | None:
    """Return why ``address`` may not be reached, or None when it may.

    ``blocked`` wins over ``allowed``, and ``allowed`` over the tables. An IPv6 address that carries
    an IPv4 address is judged as that IPv4 address, so neither list needs to know the disguises.
    """
    allowed, blocked = tuple(allowed), tuple(blocked)
    if _within(address, blocked):
        return "blocked by the operator"
    if isinstance(address, IPv4Address):
        return _own_refusal(address, allowed)
    if address.scope_id is not None:
        return "scoped to a network interface (RFC 4007)"
    embedded = embedded_addresses(address)
    if is_carrier(address):
        own = None if embedded else "carries no IPv4 address"
    else:
        own = _own_refusal(address, allowed)
    if own is not None:
        return own
    for inner in embedded:
        reason = refusal(inner, allowed=allowed, blocked=blocked)
        if reason is not None:
            return reason
    return None


def _own_refusal(address: Address, allowed: tuple[Network, ...]) -> str | None:
    if address in METADATA_ADDRESSES:
        exactly = ip_network(address)
        return None if exactly in allowed else METADATA_ADDRESSES[address]
    if _within(address, allowed):
        return None
    table = REFUSED_IPV4 if isinstance(address, IPv4Address) else REFUSED_IPV6
    for network, reason in table:
        if address in network:
            return reason
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "not allocated for global use (RFC 4291)"
    return None


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
