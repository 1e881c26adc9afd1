"""Which URL is acceptable. Pure: nothing is resolved.

Two programs that read one URL differently are how filters are bypassed, so whatever has more than
one reading is refused rather than repaired: credentials, backslashes, numeric hosts, zone ids.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NoReturn
from urllib.parse import quote

import idna

from core.http.addresses import Address
from core.http.errors import AddressRefusedError, InvalidUrlError
from core.http.policy import EgressPolicy

MAX_URL_LENGTH = 2_048
MAX_HOST_LENGTH = 253  # RFC 1035, 2.3.4, without the final dot

DEFAULT_PORTS = {"http": 80, "https": 443}

# Fetch standard, "port blocking": services that an HTTP request could be made to talk to by
# mistake. The standard is https://fetch.spec.whatwg.org/#port-blocking.
# fmt: off
BAD_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
})
# fmt: on

# RFC 3986, appendix B, with the scheme and the two slashes required.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_UNREADABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# What the WHATWG URL standard, 3.5, reads as an IPv4 address whatever the rest looks like.
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED_DECIMAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PERCENT_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedUrl:
    """A URL with exactly one reading.

    ``host`` is in lower case, an internationalized name in its ASCII form, an IPv6 address without
    brackets. ``target`` is the path and the query as they go on the wire.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def text(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


@lru_cache(maxsize=1_024)
def check_url(url: str, policy: EgressPolicy) -> CheckedUrl:
    """Return ``url`` taken apart, if a request to it is acceptable under ``policy``.

    This is the check at the time of saving: it asks no name server, so a name that leads to a
    private address passes here and is refused when the request is made. Raises InvalidUrlError, or
    AddressRefusedError for a host that is itself an address.
    """
    if len(url) > MAX_URL_LENGTH:
        _refuse(f"the URL is longer than {MAX_URL_LENGTH} characters")
    if _UNREADABLE.search(url):
        _refuse("the URL holds a space, a backslash or a control character; percent-encode it")
    parts = _URL.fullmatch(url)
    if parts is None:
        _refuse("this is not a URL with a scheme and a host, such as https://example.com/hook")
    scheme = _checked_scheme(parts["scheme"].lower(), policy)
    host, port = _checked_authority(parts["authority"], scheme)
    _check_address(host, policy)
    return CheckedUrl(
        scheme=scheme, host=host, port=port, target=_target(parts["path"], parts["query"])
    )


def literal_address(host: str) -> Address | None:
    """Return the address that ``host``, taken from a CheckedUrl, is itself; None for a name."""
    if ":" in host or _DOTTED_DECIMAL.fullmatch(host):
        return ip_address(host)
    return None


def _checked_scheme(scheme: str, policy: EgressPolicy) -> str:
    if scheme not in DEFAULT_PORTS:
        _refuse("the URL must begin with https://")
    if scheme == "http" and policy.https_only:
        _refuse("the URL must begin with https://: requests without encryption are switched off")
    return scheme


def _checked_authority(authority: str, scheme: str) -> tuple[str, int]:
    if "@" in authority:
        _refuse("the URL holds credentials before an @; send them in a header instead")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        _refuse("the host and the port of the URL cannot be told apart; put IPv6 in brackets")
    text = parts["host"]
    host = _ipv6_host(text[1:-1]) if text.startswith("[") else _named_host(text)
    return host, _checked_port(parts["port"] or "", scheme)


def _checked_port(text: str, scheme: str) -> int:
    if not text:
        return DEFAULT_PORTS[scheme]
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65_535):
        _refuse("the port of the URL must be a number from 1 to 65535")
    if int(text) in BAD_PORTS:
        _refuse(f"port {int(text)} belongs to another protocol and is never used for HTTP requests")
    return int(text)


def _ipv6_host(text: str) -> str:
    if "%" in text:
        _refuse("an IPv6 address with a zone id (%) names an interface of this machine")
    try:
        return str(IPv6Address(text))
    except ValueError:
        _refuse("the text in brackets is not an IPv6 address")


def _named_host(text: str) -> str:
    if not text:
        _refuse("the URL has no host")
    if "%" in text:
        _refuse("the host of the URL is percent-encoded; write it in plain letters")
    host = _ascii_host(text)
    labels = host.removesuffix(".").split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        return _ipv4_host(host)
    if len(host.removesuffix(".")) > MAX_HOST_LENGTH or not all(map(_LABEL.fullmatch, labels)):
        _refuse("the host of the URL is not a valid name")
    return host


def _ascii_host(text: str) -> str:
    lowered = text.lower()
    if lowered.isascii() and "xn--" not in lowered:
        return lowered
    if len(lowered) > MAX_HOST_LENGTH:
        _refuse("the host of the URL is not a valid name")
    try:
        # UTS 46 turns look-alikes such as full-width digits and dots into what they stand for.
        return idna.encode(lowered, uts46=True).decode("ascii").lower()
    except UnicodeError:
        _refuse("the host of the URL is not a valid internationalized name")


def _ipv4_host(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        _refuse("a host in numbers must be four decimal numbers without leading zeros: 192.0.2.1")


def _check_address(host: str, policy: EgressPolicy) -> None:
    name = host.removesuffix(".")
    address = literal_address(host)
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, 6.3
        address = IPv4Address("127.0.0.1")
    if address is not None and policy.refusal(address) is not None:
        raise AddressRefusedError(
            f"requests may not be sent to {host}, which is not a public address"
        )


def _target(path: str, query: str | None) -> str:
    try:
        target = _encoded(path or "/", "")
        if query is not None:
            target += "?" + _encoded(query, "?")
    except UnicodeEncodeError:
        _refuse("the URL holds half of a surrogate pair, which is no character")
    return target


def _encoded(text: str, safe: str) -> str:
    """Percent-encode what RFC 3986 does not allow; leave what is encoded already."""
    text = _STRAY_PERCENT.sub("%25", quote(text, safe="%/:@!$&'()*+,;=~" + safe))
    return _PERCENT_ENCODED.sub(lambda match: match[0].upper(), text)


def _refuse(message: str) -> NoReturn:
    raise InvalidUrlError(message)
