from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http.addresses import METADATA_ADDRESSES, refusal
from core.http.embedded import embedded_addresses

REFUSED = {
    # IPv4
    "this-network": "0.0.0.0",
    "this-network-end": "0.255.255.255",
    "private-10": "10.0.0.1",
    "carrier-grade-nat": "100.64.0.1",
    "carrier-grade-nat-end": "100.127.255.255",
    "loopback": "127.0.0.1",
    "loopback-elsewhere": "127.255.255.254",
    "link-local": "169.254.1.1",
    "private-172": "172.16.0.1",
    "private-172-end": "172.31.255.255",
    "protocol-assignments": "192.0.0.8",
    "documentation-1": "192.0.2.1",
    "as112": "192.31.196.1",
    "multicast-tunneling": "192.52.193.1",
    "6to4-relay": "192.88.99.1",
    "private-192": "192.168.255.255",
    "as112-direct": "192.175.48.1",
    "benchmarking": "198.19.255.255",
    "documentation-2": "198.51.100.7",
    "documentation-3": "203.0.113.7",
    "multicast": "224.0.0.1",
    "multicast-end": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    # IPv6
    "unspecified": "::",
    "loopback-6": "::1",
    "compatible-loopback": "::127.0.0.1",
    "mapped-loopback": "::ffff:127.0.0.1",
    "translated-loopback": "::ffff:0:7f00:1",
    "nat64-loopback": "64:ff9b::7f00:1",
    "nat64-local-loopback": "64:ff9b:1::7f00:1",
    "nat64-local-empty": "64:ff9b:1::",
    "6to4-loopback": "2002:7f00:1::",
    "teredo-private-client": "2001:0:0808:0808::f5ff:fffe",
    "teredo-private-server": "2001:0:0a00:0001::f7f7:f7f7",
    "isatap-private": "2a00:1450::5efe:10.0.0.1",
    "isatap-universal-private": "2a00:1450::200:5efe:10.0.0.1",
    "isatap-link-local": "fe80::5efe:8.8.8.8",
    "below-1": "0:1::1",
    "reserved-by-ietf": "100:0:0:2::1",
    "discard-only": "100::1",
    "dummy-prefix": "100:0:0:1::1",
    "never-allocated": "4000::1",
    "protocol-assignments-6": "2001:1::1",
    "benchmarking-6": "2001:2::1",
    "orchid": "2001:20::1",
    "documentation-6": "2001:db8::1",
    "documentation-6-new": "3fff::1",
    "test-network": "3ffe::1",
    "as112-6": "2620:4f:8000::1",
    "segment-routing": "5f00::1",
    "private-6": "fc00::1",
    "private-6-random": "fdff:ffff::1",
    "link-local-6": "fe80::1",
    "link-local-6-scoped": "fe80::1%eth0",
    "global-but-scoped": "2a00:1450::1%eth0",
    "site-local": "fec0::1",
    "multicast-6": "ff02::1",
    "multicast-6-global": "ff0e::1",
}

REACHABLE = {
    "below-private-10": "9.255.255.255",
    "above-private-10": "11.0.0.0",
    "below-carrier-grade-nat": "100.63.255.255",
    "above-carrier-grade-nat": "100.128.0.0",
    "below-private-172": "172.15.255.255",
    "above-private-172": "172.32.0.0",
    "public-resolver": "8.8.8.8",
    "above-benchmarking": "198.20.0.0",
    "last-unicast": "223.255.255.255",
    "public-6": "2a00:1450:4001:82a::200e",
    "public-6-above-documentation": "2001:db9::1",
    "mapped-public": "::ffff:8.8.8.8",
    "compatible-public": "::8.8.8.8",
    "translated-public": "::ffff:0:808:808",
    "nat64-public": "64:ff9b::808:808",
    "nat64-local-public": "64:ff9b:1::808:808",
    "6to4-public": "2002:808:808::1",
    "teredo-public": "2001:0:808:808::f7f7:f7f7",
    "isatap-public": "2a00:1450::5efe:8.8.8.8",
}

ALLOWED = tuple(ip_network(text) for text in ("10.1.0.0/16", "169.254.0.0/16", "fd00::/8"))


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_an_address_that_is_not_public_is_refused(text: str) -> None:
    address = ip_address(text)

    reason = refusal(address)

    assert isinstance(reason, str)


@pytest.mark.parametrize("text", REACHABLE.values(), ids=REACHABLE.keys())
def test_a_public_address_may_be_reached(text: str) -> None:
    address = ip_address(text)

    assert refusal(address) is None


def test_a_refusal_names_its_reason() -> None:
    assert refusal(ip_address("127.0.0.1")) == "loopback (RFC 1122)"
    assert refusal(ip_address("::ffff:10.0.0.1")) == "private (RFC 1918)"
    assert refusal(ip_address("fe80::1")) == "link-local (RFC 4291)"


@pytest.mark.parametrize("address", METADATA_ADDRESSES, ids=str)
def test_a_metadata_service_stays_refused_inside_an_allowed_network(
    address: IPv4Address | IPv6Address,
) -> None:
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))

    assert refusal(address, allowed=everything) == METADATA_ADDRESSES[address]


@pytest.mark.parametrize("address", METADATA_ADDRESSES, ids=str)
def test_a_metadata_service_opens_when_exactly_its_address_is_allowed(
    address: IPv4Address | IPv6Address,
) -> None:
    assert refusal(address, allowed=[ip_network(address)]) is None


def test_an_allowed_network_opens_its_own_addresses_and_no_others() -> None:
    assert refusal(ip_address("10.1.255.255"), allowed=ALLOWED) is None
    assert refusal(ip_address("10.2.0.0"), allowed=ALLOWED) == "private (RFC 1918)"
    assert refusal(ip_address("fd12::1"), allowed=ALLOWED) is None
    assert refusal(ip_address("fc00::1"), allowed=ALLOWED) == "private (RFC 4193)"


def test_loopback_over_ipv6_can_be_allowed() -> None:
    assert refusal(ip_address("::1"), allowed=[ip_network("::1/128")]) is None


def test_a_blocked_network_wins_over_an_allowed_one() -> None:
    blocked = [ip_network("10.1.2.0/24"), ip_network("8.8.0.0/16")]

    reasons = [
        refusal(ip_address(text), allowed=ALLOWED, blocked=blocked)
        for text in ("10.1.2.3", "10.1.3.3", "8.8.8.8", "64:ff9b::808:808")
    ]

    assert reasons == ["blocked by the operator", None, *["blocked by the operator"] * 2]


def test_an_allowed_ipv6_range_does_not_open_the_ipv4_addresses_hidden_in_it() -> None:
    everything = [ip_network("::/0")]

    assert refusal(ip_address("::ffff:10.0.0.1"), allowed=everything) == "private (RFC 1918)"
    assert refusal(ip_address("fd00::5efe:10.0.0.1"), allowed=everything) == "private (RFC 1918)"


def _forms(inner: int) -> dict[str, int]:
    """Return the IPv6 addresses, as numbers, that carry the IPv4 address ``inner``."""
    public = int(IPv4Address("8.8.8.8"))
    return {
        "compatible": inner,
        "mapped": (0xFFFF << 32) | inner,
        "translated": (0xFFFF << 48) | inner,
        "NAT64": int(IPv6Address("64:ff9b::")) | inner,
        "local NAT64": int(IPv6Address("64:ff9b:1::")) | inner,
        "6to4": (0x2002 << 112) | (inner << 80) | 1,
        "Teredo client": (0x2001 << 112) | (public << 64) | (inner ^ 0xFFFF_FFFF),
        "Teredo server": (0x2001 << 112) | (inner << 64) | (public ^ 0xFFFF_FFFF),
        "ISATAP": int(IPv6Address("2a00:1450::")) | (0x5EFE << 32) | inner,
    }


@given(st.ip_addresses(v=4).filter(lambda address: int(address) > 1))
def test_an_ipv6_address_that_carries_an_ipv4_address_gets_the_same_verdict(
    inner: IPv4Address,
) -> None:
    expected = refusal(inner, allowed=ALLOWED) is None

    verdicts = {
        name: refusal(IPv6Address(number), allowed=ALLOWED) is None
        for name, number in _forms(int(inner)).items()
    }

    assert verdicts == dict.fromkeys(verdicts, expected)


@given(st.ip_addresses(v=4), st.sampled_from([48, 56, 64, 96]), st.binary(min_size=16, max_size=16))
def test_a_local_nat64_address_never_opens_what_its_ipv4_address_does_not(
    inner: IPv4Address, prefix_length: int, noise: bytes
) -> None:
    # RFC 6052, 2.2: the IPv4 address follows the prefix and jumps over octet 8.
    positions = {48: (6, 7, 9, 10), 56: (7, 9, 10, 11), 64: (9, 10, 11, 12), 96: (12, 13, 14, 15)}
    octets = bytearray(bytes.fromhex("0064ff9b0001") + noise[6:])
    for position, octet in zip(positions[prefix_length], inner.packed, strict=True):
        octets[position] = octet

    reason = refusal(IPv6Address(bytes(octets)))

    assert reason is not None or refusal(inner) is None or inner.packed[0] == 0


@given(st.ip_addresses(v=4))
def test_whatever_the_standard_library_calls_special_is_refused(
    address: IPv4Address,
) -> None:
    if address.is_private or address.is_multicast or address.is_reserved:
        assert refusal(address) is not None


@given(st.ip_addresses(v=6, network="2a00::/12"))
def test_an_ordinary_ipv6_address_carries_no_ipv4_address(address: IPv6Address) -> None:
    if (int(address) >> 32) & 0xFDFF_FFFF != 0x5EFE:
        assert embedded_addresses(address) == ()
        assert refusal(address) is None
