import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.validation.formats import FORMATS, is_international_phone

ACCEPTED = {
    "date": ["2026-03-07", "2024-02-29", "0001-01-01"],
    "date-time": [
        "2026-03-07T10:30:00Z",
        "2026-03-07t10:30:00.123456789+05:30",
        "1990-12-31T23:59:60Z",
    ],
    "duration": ["P1D", "PT36H", "P1Y2M3DT4H5M6S", "P4W"],
    "email": [
        "jo@example.com",
        "jo.o'neil+tag@mail.example.co",
        "zoë@example.com",
        "jo@bücher.example",
    ],
    "hostname": ["example.com", "localhost", "a-1.b", "x" * 63 + ".y"],
    "ipv4": ["192.0.2.1", "255.255.255.255"],
    "ipv6": ["2001:db8::1", "::ffff:192.0.2.1"],
    "json-pointer": ["", "/a/b~1c/~0", "/"],
    "phone": ["+41446681800", "+41 44 668 18 00", "+1 (415) 555-2671"],
    "regex": ["^a+$", ""],
    "time": ["10:30:00Z", "23:59:60-08:00", "00:00:00.5z"],
    "uri": ["https://example.com/a?b=c#d", "urn:isbn:0451450523", "mailto:jo@example.com"],
    "uri-reference": ["/orders/1", "../a", "#here", "https://example.com"],
    "url": ["https://example.com", "http://[2001:db8::1]:8080/a", "https://bücher.example/ü"],
    "uuid": ["6f1c2d3e-4b5a-4978-8a9b-0c1d2e3f4a5b", "6F1C2D3E-4B5A-4978-8A9B-0C1D2E3F4A5B"],
}

REFUSED = {
    "date": ["", "2026-02-29", "2026-13-01", "2026-3-7", "20260307", "2026-W10-6", "٢٠٢٦-03-07"],
    "date-time": [
        "2026-03-07",
        "2026-03-07 10:30:00Z",
        "2026-03-07T10:30:00",
        "2026-03-07T25:00:00Z",
    ],
    "duration": ["", "P", "PT", "P1S", "1D", "P1H", "P1WT1H"],
    "email": [
        "",
        "jo",
        "jo@",
        "@example.com",
        "jo@example",
        "jo@@example.com",
        "jo..o@example.com",
        ".jo@example.com",
        "jo o@example.com",
        "jo@example.com\n",
        "jo@exa_mple.com",
        "jo@-example.com",
        "jo@example..com",
        "Jo <jo@example.com>",
        "a,b@example.com",
        "x" * 65 + "@example.com",
        "jo@" + "x." * 130 + "com",
    ],
    "hostname": ["", "-a", "a-", "a..b", "a_b", "x" * 64, "a." * 127 + "com", "bücher.example"],
    "ipv4": ["192.0.2", "192.0.2.256", "192.0.2.01", "\u066192.0.2.1", "192.0.2.1\n"],
    "ipv6": ["2001:db8::g", "fe80::1%eth0", "1.2.3.4"],
    "json-pointer": ["a", "/~2", "/~"],
    "phone": [
        "",
        "044 668 18 00",
        "+0",
        "+999 123 456 789",
        "+41 44 668 18 0",
        "+41446681800 ext. 5",
    ],
    "regex": ["(", "(?=a)", r"\1"],
    "time": ["10:30:00", "10:30Z", "24:00:00Z", "10:60:00Z", "10:30:61Z", "10:30:00+24:00"],
    "uri": [
        "/orders/1",
        "example.com",
        "https://exa mple.com",
        "https://[::1",
        "a:%zz",
        "http://a:b/",
    ],
    "uri-reference": ["a b", "<a>", "\\a", "%"],
    "url": [
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "https://exa mple.com",
        "https://example.com/\n",
        "https://example.com:99999/",
        "javascript:alert(1)",
        "https://-x.com",
    ],
    "uuid": [
        "6f1c2d3e4b5a49788a9b0c1d2e3f4a5b",
        "{6f1c2d3e-4b5a-4978-8a9b-0c1d2e3f4a5b}",
        "6f1c2d3e",
    ],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in ACCEPTED.items() for text in texts]
)
def test_a_text_in_the_format_is_accepted(name: str, text: str) -> None:
    assert FORMATS[name][0](text) is True


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts]
)
def test_a_text_that_is_not_quite_in_the_format_is_refused(name: str, text: str) -> None:
    assert FORMATS[name][0](text) is False


def test_every_format_has_samples() -> None:
    assert ACCEPTED.keys() == REFUSED.keys() == FORMATS.keys()


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("+41446681800", True),
        ("+41 44 668 18 00", False),
        ("41446681800", False),
        ("0041446681800", False),
        ("+4144668180", False),
        ("+41446681800\n", False),
        ("+٤1446681800", False),
    ],
)
def test_an_international_number_is_plus_and_digits_of_a_real_plan(
    text: str, accepted: bool
) -> None:
    assert is_international_phone(text) is accepted


@given(st.sampled_from(sorted(FORMATS)), st.text() | st.text("aA0@.:/-+%[]PTZ~\\ \n", max_size=30))
def test_any_text_is_in_a_format_or_not(name: str, text: str) -> None:
    assert FORMATS[name][0](text) in {True, False}


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("unit", ["a", "a.", "1", "/", "-", "@", "P1D", "%", "[", "+1", "~0"])
def test_a_long_text_is_answered(name: str, unit: str) -> None:
    assert FORMATS[name][0]((unit * 2_048)[:2_048] + "!") in {True, False}
