"""What happens to every request before a view sees it."""

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from core.middleware import believe_proxy, ip_address

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_request_gets_an_id_and_a_story(api: APIClient) -> None:
    response = api.get("/api/v1/me")

    assert response.headers["X-Request-ID"].startswith("req_")
    assert response.headers["X-Correlation-ID"] == response.headers["X-Request-ID"]


def test_given_ids_are_passed_on(api: APIClient) -> None:
    response = api.get("/api/v1/me", HTTP_X_REQUEST_ID="r-1", HTTP_X_CORRELATION_ID="c:1.2_3")

    assert response.headers["X-Request-ID"] == "r-1"
    assert response.headers["X-Correlation-ID"] == "c:1.2_3"


@pytest.mark.parametrize("given", ["", " ", "a b", "x" * 129, "a\nb", "<script>", "ü", "a,b"])
def test_malformed_ids_are_replaced(given: str, api: APIClient) -> None:
    response = api.get("/api/v1/me", HTTP_X_REQUEST_ID=given, HTTP_X_CORRELATION_ID=given)

    assert response.headers["X-Request-ID"].startswith("req_")
    assert response.headers["X-Correlation-ID"] == response.headers["X-Request-ID"]


@pytest.mark.spec("W3C Trace Context", "3.2.2")
@pytest.mark.parametrize(
    ("traceparent", "story"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"cc-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}", None),
    ],
)
def test_trace_of_the_caller_becomes_the_story(
    traceparent: str, story: str | None, api: APIClient
) -> None:
    response = api.get("/api/v1/me", HTTP_TRACEPARENT=traceparent)

    expected = story or response.headers["X-Request-ID"]
    assert response.headers["X-Correlation-ID"] == expected


def test_correlation_id_wins_over_the_trace(api: APIClient) -> None:
    response = api.get(
        "/api/v1/me",
        HTTP_TRACEPARENT=f"00-{TRACE}-00f067aa0ba902b7-01",
        HTTP_X_CORRELATION_ID="story-1",
    )

    assert response.headers["X-Correlation-ID"] == "story-1"


@pytest.mark.parametrize(
    ("length", "status", "error"),
    [
        ("x", 400, "INVALID_REQUEST"),
        ("-1", 400, "INVALID_REQUEST"),
        ("1.5", 400, "INVALID_REQUEST"),
        ("٣", 400, "INVALID_REQUEST"),
        ("5242881", 413, "PAYLOAD_TOO_LARGE"),
        ("9" * 5000, 413, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_content_length_is_looked_at_before_the_body(
    length: str, status: int, error: str, db: None
) -> None:
    response = Client().post(
        "/api/v1/events", b"{}", content_type="application/json", CONTENT_LENGTH=length
    )

    assert response.status_code == status
    assert response.json()["error"] == error


def test_body_in_chunks_is_refused_instead_of_dropped(db: None) -> None:
    response = Client().generic(
        "POST", "/api/v1/events", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )

    assert response.status_code == 411
    assert response.json()["error"] == "LENGTH_REQUIRED"


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", "2001:db8::1", "fe80::1%eth0", "unix:", "not an address"]
)
def test_any_peer_address_can_be_logged(address: str, api: APIClient) -> None:
    response = api.put("/api/v1/config/api_key", {"value": "v"}, REMOTE_ADDR=address)

    assert response.status_code == 200


def test_address_behind_a_proxy_is_the_one_that_the_proxy_saw(settings: LazySettings) -> None:
    settings.BEHIND_TLS_PROXY = True
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})

    believe_proxy(request)

    assert ip_address(request) == "203.0.113.7"


def test_forwarded_address_without_a_proxy_is_not_believed(settings: LazySettings) -> None:
    settings.BEHIND_TLS_PROXY = False
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.7"})

    believe_proxy(request)

    assert ip_address(request) == "127.0.0.1"


PROXIES = ["10.0.0.0/8", "2001:db8:1::/48"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "192.0.2.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("2001:db8:1::5", "203.0.113.7,10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.7, not an address", None),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
    ],
)
def test_of_several_proxies_the_first_of_ours_says_who_the_client_is(
    settings: LazySettings, peer: str, forwarded: str, client: str | None
) -> None:
    settings.BEHIND_TLS_PROXY = True
    settings.TRUSTED_PROXIES = PROXIES
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=peer)

    believe_proxy(request)

    assert ip_address(request) == client
