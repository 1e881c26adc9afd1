import socket
from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http import AddressRefusedError, CheckedUrl, EgressPolicy, HttpError, InvalidUrlError
from core.http.urls import BAD_PORTS, check_url

POLICY = EgressPolicy()
PLAIN = EgressPolicy(https_only=False, allowed_networks=(ip_network("127.0.0.0/8"),))

INVALID = {
    "empty": "",
    "no-scheme": "example.com/hook",
    "scheme-relative": "//example.com/hook",
    "one-slash": "https:/example.com",
    "no-slash": "https:example.com",
    "three-slashes": "https:///example.com",
    "file": "file:///etc/passwd",
    "gopher": "gopher://example.com/_GET",
    "javascript": "javascript:alert(1)",
    "no-host": "https://",
    "port-only": "https://:443/",
    "username": "https://admin@example.com/",
    "username-password": "https://admin:secret@example.com/",
    "empty-credentials": "https://@example.com/",
    "credentials-that-look-like-a-host": "https://example.com:443@10.0.0.1/",
    "backslash": "https://example.com\\@10.0.0.1/",
    "backslashes-for-slashes": "https:\\\\example.com",
    "leading-space": " https://example.com/",
    "trailing-newline": "https://example.com/\n",
    "newline": "https://example.com/\r\nX-Injected: 1",
    "tab-in-host": "https://exam\tple.com/",
    "null": "https://example.com/\x00",
    "space-in-path": "https://example.com/a b",
    "no-break-space": "https://example.com/\xa0",
    "byte-order-mark": "\ufeffhttps://example.com/",
    "surrogate": "https://example.com/\ud800",
    "port-0": "https://example.com:0/",
    "port-too-high": "https://example.com:65536/",
    "port-negative": "https://example.com:-1/",
    "port-words": "https://example.com:https/",
    "port-arabic-digits": "https://example.com:٤٤٣/",
    "two-ports": "https://example.com:443:80/",
    "decimal-host": "https://2130706433/",
    "hexadecimal-host": "https://0x7f000001/",
    "hexadecimal-parts": "https://0x7f.0.0.1/",
    "bare-0x": "https://0x/",
    "octal-host": "https://0177.0.0.1/",
    "octal-public": "https://010.8.8.8/",
    "short-host": "https://127.1/",
    "three-parts": "https://8.8.8/",
    "five-parts": "https://8.8.8.8.8/",
    "out-of-range": "https://8.8.8.256/",
    "numeric-last-label": "https://example.1/",
    "dotted-address-with-final-dot": "https://8.8.8.8./",
    "full-width-short-host": "https://\uff11\uff12\uff17.\uff11/",
    "percent-encoded-host": "https://%31%32%37.0.0.1/",
    "percent-encoded-letters": "https://ex%61mple.com/",
    "ipv6-without-brackets": "https://::1/",
    "ipv6-unclosed": "https://[2a00::1/",
    "ipv6-zone": "https://[fe80::1%25eth0]/",
    "ipv6-bare-zone": "https://[fe80::1%eth0]/",
    "ipv6-future": "https://[v1.fe80::a]/",
    "ipv6-nonsense": "https://[example.com]/",
    "text-after-bracket": "https://[2a00::1]example.com/",
    "empty-label": "https://example..com/",
    "leading-dot": "https://.example.com/",
    "two-final-dots": "https://example.com../",
    "only-a-dot": "https://./",
    "leading-hyphen": "https://-example.com/",
    "label-too-long": f"https://{'a' * 64}.com/",
    "name-too-long": f"https://{'a.' * 130}com/",
    "international-too-long": f"https://{'ü.' * 200}com/",
    "bad-punycode": "https://xn--0.com/",
    "emptying-punycode": "https://xn--.com/",
    "forbidden-character": "https://exa<mple.com/",
    "slash-look-alike": "https://example.com\u2044evil.com/",
    "account-sign": "https://\u2100.com/",
    "template-left-over": "https://{{shop}}.example.com/",
}

REFUSED_ADDRESSES = {
    "loopback": "https://127.0.0.1/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "private": "https://192.168.0.1:8443/",
    "full-width-digits": "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",
    "ideographic-dots": "https://127。0。0。1/",
    "circled-digits": "https://①②⑦.⓪.⓪.①/",
    "ipv6-loopback": "https://[::1]/",
    "ipv6-loopback-long": "https://[0:0:0:0:0:0:0:1]/",
    "ipv6-mapped": "https://[::ffff:127.0.0.1]/",
    "ipv6-mapped-hexadecimal": "https://[::FFFF:7F00:1]/",
    "ipv6-nat64": "https://[64:ff9b::a9fe:a9fe]/",
    "localhost": "https://localhost/",
    "localhost-shouted": "https://LOCALHOST/",
    "localhost-with-final-dot": "https://localhost./",
    "below-localhost": "https://metadata.localhost/",
}

ACCEPTED = {
    "https://example.com": ("https://example.com/", "/"),
    "HTTPS://EXAMPLE.com:443": ("https://example.com/", "/"),
    "https://example.com:/hook": ("https://example.com/hook", "/hook"),
    "https://example.com:8443/hook?a=1&b=2#part": (
        "https://example.com:8443/hook?a=1&b=2",
        "/hook?a=1&b=2",
    ),
    "https://example.com?a=b?c/d": ("https://example.com/?a=b?c/d", "/?a=b?c/d"),
    "https://example.com/?": ("https://example.com/?", "/?"),
    "https://example.com./": ("https://example.com./", "/"),
    "https://hooks_1.example.com/": ("https://hooks_1.example.com/", "/"),
    "https://r3---sn.example.com/": ("https://r3---sn.example.com/", "/"),
    "https://8.8.8.8/": ("https://8.8.8.8/", "/"),
    "https://[2A00:1450:0:0::1]:8443/": ("https://[2a00:1450::1]:8443/", "/"),
    "https://münchen.example/": ("https://xn--mnchen-3ya.example/", "/"),
    "https://xn--mnchen-3ya.example/": ("https://xn--mnchen-3ya.example/", "/"),
    "https://例え。テスト/": ("https://xn--r8jz45g.xn--zckzah/", "/"),
    "https://example.com/ä/😀": (
        "https://example.com/%C3%A4/%F0%9F%98%80",
        "/%C3%A4/%F0%9F%98%80",
    ),
    "https://example.com/%7e%zz?q={x}%": (
        "https://example.com/%7E%25zz?q=%7Bx%7D%25",
        "/%7E%25zz?q=%7Bx%7D%25",
    ),
    "https://example.com//a/../b@c:d;e": (
        "https://example.com//a/../b@c:d;e",
        "//a/../b@c:d;e",
    ),
}


@pytest.mark.parametrize("url", INVALID.values(), ids=INVALID.keys())
def test_a_url_that_has_more_than_one_reading_or_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrlError):
        check_url(url, PLAIN)


@pytest.mark.parametrize("url", REFUSED_ADDRESSES.values(), ids=REFUSED_ADDRESSES.keys())
def test_a_url_whose_host_is_a_refused_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        check_url(url, POLICY)


@pytest.mark.parametrize(("url", "expected"), ACCEPTED.items(), ids=ACCEPTED.keys())
def test_an_accepted_url_is_brought_into_one_form(url: str, expected: tuple[str, str]) -> None:
    checked = check_url(url, POLICY)

    assert (checked.text, checked.target) == expected
    assert check_url(checked.text, POLICY) == checked


def test_a_checked_url_tells_scheme_host_port_and_target() -> None:
    assert check_url("https://Example.com/a?b", POLICY) == CheckedUrl(
        scheme="https", host="example.com", port=443, target="/a?b"
    )


@pytest.mark.parametrize("port", sorted(BAD_PORTS))
def test_a_port_of_another_protocol_is_refused(port: int) -> None:
    with pytest.raises(InvalidUrlError):
        check_url(f"https://example.com:{port}/", POLICY)


def test_a_url_without_encryption_is_refused_unless_the_operator_lets_it() -> None:
    with pytest.raises(InvalidUrlError, match="must begin with https://"):
        check_url("http://example.com/", POLICY)

    assert check_url("http://example.com/", PLAIN).port == 80


def test_a_url_is_refused_one_character_beyond_the_limit() -> None:
    longest = "https://example.com/" + "a" * (2_048 - len("https://example.com/"))

    assert check_url(longest, POLICY).host == "example.com"
    with pytest.raises(InvalidUrlError, match="longer than 2048 characters"):
        check_url(longest + "a", POLICY)


def test_an_allowed_address_is_accepted_as_a_host() -> None:
    assert check_url("http://127.0.0.1:8000/", PLAIN).port == 8_000
    assert check_url("http://localhost:8000/", PLAIN).host == "localhost"


def test_a_refused_credential_is_not_repeated_in_the_message() -> None:
    with pytest.raises(InvalidUrlError) as caught:
        check_url("https://admin:s3cret@example.com/", POLICY)

    assert "s3cret" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_either_accepted_or_refused_with_an_http_error(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            checked = check_url(url, PLAIN)
        except HttpError:
            continue
        assert checked.text.isascii()
        assert check_url(checked.text, PLAIN) == checked


@given(st.text(alphabet="0123456789abcdefx.", min_size=1, max_size=16))
def test_no_spelling_of_an_address_that_the_system_understands_gets_past_the_tables(
    host: str,
) -> None:
    try:
        checked = check_url(f"https://{host}", POLICY)
        meant = IPv4Address(socket.inet_aton(checked.host))
    except (HttpError, OSError):
        return
    assert POLICY.refusal(meant) is None
    assert str(meant) == checked.host
