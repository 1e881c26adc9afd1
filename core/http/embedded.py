"""Which IPv4 addresses hide in an IPv6 address. Pure.

A packet sent to such an address ends at the IPv4 host, so that host is what must be judged.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

IPV4_COMPATIBLE = IPv6Network("::/96")  # RFC 4291, 2.5.5.1
IPV4_MAPPED = IPv6Network("::ffff:0:0/96")  # RFC 4291, 2.5.5.2
IPV4_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 7915, 5.1 (formerly RFC 2765)
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")  # RFC 8215
TEREDO = IPv6Network("2001::/32")  # RFC 4380, 4
SIX_TO_FOUR = IPv6Network("2002::/16")  # RFC 3056, 2

# Prefixes in which nothing but the IPv4 host counts: they are no part of the IPv6 internet.
CARRIERS = (
    IPV4_COMPATIBLE,
    IPV4_MAPPED,
    IPV4_TRANSLATED,
    NAT64,
    NAT64_LOCAL,
    TEREDO,
    SIX_TO_FOUR,
)

# Inside ::/96 and yet addresses in their own right (RFC 4291, 2.5.2 and 2.5.3).
UNSPECIFIED_AND_LOOPBACK = frozenset({IPv6Address("::"), IPv6Address("::1")})

# RFC 5214, 6.1: the interface identifier 0000:5efe or 0200:5efe (universal bit set), then the IPv4.
ISATAP_IDENTIFIERS = frozenset({0x0000_5EFE, 0x0200_5EFE})

# RFC 6052, 2.2: the octets that hold the IPv4 address for prefixes of 48, 56, 64 and 96 bits.
# Octet 8 is reserved and skipped.
NAT64_LAYOUTS = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12), (12, 13, 14, 15))


def is_carrier(address: IPv6Address) -> bool:
    """Return whether ``address`` is in a prefix that only carries IPv4 addresses."""
    if address in UNSPECIFIED_AND_LOOPBACK:
        return False
    return any(address in network for network in CARRIERS)


def embedded_addresses(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return every IPv4 address that a packet sent to ``address`` may end at or pass through.

    Empty for ordinary IPv6 addresses, and for carriers that carry nothing recognizable.
    """
    number = int(address)
    if address in TEREDO:
        server, client = (number >> 64) & 0xFFFF_FFFF, ~number & 0xFFFF_FFFF
        return (IPv4Address(server), IPv4Address(client))
    if address in SIX_TO_FOUR:
        return (IPv4Address((number >> 80) & 0xFFFF_FFFF),)
    if address in NAT64_LOCAL:
        return _local_nat64_addresses(address)
    if is_carrier(address) or (number >> 32) & 0xFFFF_FFFF in ISATAP_IDENTIFIERS:
        return (IPv4Address(number & 0xFFFF_FFFF),)
    return ()


def _local_nat64_addresses(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 address under every layout that the operator of the prefix may have chosen.

    Which layout is in force cannot be seen from here, so all of them are judged. Layouts that give
    0.x.y.z are left out: no host is there, and every other layout fills with zeros.
    """
    octets = address.packed
    layouts = (bytes(octets[index] for index in layout) for layout in NAT64_LAYOUTS)
    return tuple(IPv4Address(packed) for packed in layouts if packed[0])
