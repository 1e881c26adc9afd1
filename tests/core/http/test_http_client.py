import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from core.http import (
    AddressRefusedError,
    Client,
    EgressPolicy,
    InvalidHeaderError,
    InvalidMethodError,
    InvalidUrlError,
    RequestRefusedError,
    request,
)
from tests.core.http.clients import AnyClient, ClientType
from tests.core.http.peers import OK, Answer, Peer, keeping_alive, saying

StartPeer = Callable[[Answer], Peer]

LIMIT = timedelta(seconds=5)


def test_a_request_arrives_as_it_was_given(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)

    client.request(
        "POST",
        peer.url("/hook//a%2fb?c=d%20e"),
        headers={"Content-Type": "application/json", "X-Name": "José"},
        body=b'{"id":7}',
        timeout=LIMIT,
        policy=local_policy,
    )

    assert peer.requests == [
        (
            "POST /hook//a%2Fb?c=d%20e HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{peer.port}\r\n"
            "User-Agent: Patchbay/0.1.0\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: identity\r\n"
            "Content-Type: application/json\r\n"
            "X-Name: José\r\n"
            "Content-Length: 8\r\n"
            "\r\n"
            '{"id":7}'
        ).encode("latin-1")
    ]


def test_an_answer_is_given_back_whole(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(
        saying(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Odd: a\x1bb\r\nSet-Cookie: a=1\r\n"
            b"Set-Cookie: b=2\r\nContent-Length: 4\r\n\r\n\xff\x00ok"
        )
    )

    response = client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    assert (response.status_code, response.body, response.truncated) == (503, b"\xff\x00ok", False)
    assert response.headers == (
        ("Retry-After", "7"),
        ("X-Odd", "a\ufffdb"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Content-Length", "4"),
    )
    assert response.header("retry-after") == "7"
    assert response.header("Location") is None
    assert response.address == "127.0.0.1"
    assert timedelta() < response.duration < LIMIT


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "MERGE"])
def test_every_usual_method_is_sent_and_the_connection_stays_usable(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, method: str
) -> None:
    head_only = OK.removesuffix(b"ok") if method == "HEAD" else OK
    peer = start_peer(saying(head_only, head_only))

    for _ in range(2):
        client.request(method, peer.url(), timeout=LIMIT, policy=local_policy)

    assert [text.split(b" ")[0].decode() for text in peer.requests] == [method, method]
    assert peer.connections == 1


def test_three_requests_share_one_connection(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)

    for _ in range(3):
        client.request("POST", peer.url(), body=b"{}", timeout=LIMIT, policy=local_policy)

    assert (peer.connections, len(peer.requests)) == (1, 3)


def test_a_connection_is_never_shared_between_two_policies(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    equal = replace(local_policy)
    other = replace(local_policy, https_only=False, blocked_networks=(ip_network("10.0.0.0/8"),))
    closed = replace(local_policy, blocked_networks=local_policy.allowed_networks)
    client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    client.request("GET", peer.url(), timeout=LIMIT, policy=equal)
    client.request("GET", peer.url(), timeout=LIMIT, policy=other)
    with pytest.raises(AddressRefusedError):
        client.request("GET", peer.url(), timeout=LIMIT, policy=closed)

    assert (peer.connections, len(peer.requests)) == (2, 3)


def test_policies_used_long_ago_lose_their_connections(
    threaded_client: Client, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    others = [
        replace(local_policy, blocked_networks=(ip_network("10.0.0.0/8"),) * count)
        for count in (1, 2, 3, 4)
    ]

    for policy in (local_policy, *others, local_policy):
        threaded_client.request("GET", peer.url(), timeout=LIMIT, policy=policy)

    assert peer.connections == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_answered_to_the_caller_and_not_followed(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer, status: int
) -> None:
    target = start_peer(keeping_alive)
    peer = start_peer(
        saying(
            f"HTTP/1.1 {status} Moved\r\nLocation: {target.url('/stolen')}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
    )

    response = client.request("POST", peer.url(), timeout=LIMIT, policy=local_policy)

    assert (response.status_code, response.header("location")) == (status, target.url("/stolen"))
    assert (target.connections, len(peer.requests)) == (0, 1)


def test_a_redirect_to_nowhere_readable_is_answered_to_the_caller(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(
        saying(b"HTTP/1.1 302 Found\r\nLocation: http://[\xff\r\nContent-Length: 0\r\n\r\n")
    )

    response = client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    assert response.status_code == 302


def test_a_cookie_is_not_sent_back(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    with_cookie = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=1; Path=/\r\n\r\n")
    peer = start_peer(saying(with_cookie, with_cookie))

    for _ in range(2):
        client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    assert [b"cookie" in text.lower() for text in peer.requests] == [False, False]


def test_the_environment_can_neither_divert_nor_add_to_a_request(
    client: AnyClient,
    local_policy: EgressPolicy,
    start_peer: StartPeer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    proxy, peer = start_peer(keeping_alive), start_peer(keeping_alive)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url())
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login admin password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))

    client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)

    assert (proxy.connections, len(peer.requests)) == (0, 1)
    assert b"authorization" not in peer.requests[0].lower()


def test_what_is_refused_opens_no_connection(
    client: AnyClient, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    refused: list[tuple[str, str, dict[str, str], type[RequestRefusedError]]] = [
        ("POST", peer.url(), {"X-Order": "1\r\nX-Injected: 1"}, InvalidHeaderError),
        ("POST", peer.url("/a\r\nb"), {}, InvalidUrlError),
        ("POST", peer.url(host="admin:secret@127.0.0.1"), {}, InvalidUrlError),
        ("POST", peer.url(host="2130706433"), {}, InvalidUrlError),
        ("POST / HTTP/1.1\r\nX: ", peer.url(), {}, InvalidMethodError),
        ("CONNECT", peer.url(), {}, InvalidMethodError),
        ("TRACE", peer.url(), {}, InvalidMethodError),
        ("post", peer.url(), {}, InvalidMethodError),
    ]

    for method, url, headers, error in refused:
        with pytest.raises(error):
            client.request(method, url, headers=headers, timeout=LIMIT, policy=local_policy)

    assert (peer.connections, peer.requests) == (0, [])


def test_each_thread_has_connections_of_its_own(
    threaded_client: Client, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    statuses: list[int] = []

    def work() -> None:
        for _ in range(5):
            response = threaded_client.request(
                "POST", peer.url(), timeout=LIMIT, policy=local_policy
            )
            statuses.append(response.status_code)
        threaded_client.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 40
    assert peer.connections == 8


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_use_the_connections_of_its_parent(
    threaded_client: Client, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    threaded_client.request("GET", peer.url("/parent"), timeout=LIMIT, policy=local_policy)

    child = os.fork()
    if child == 0:
        status = 1
        try:
            threaded_client.request("GET", peer.url("/child"), timeout=LIMIT, policy=local_policy)
            status = 0
        finally:
            os._exit(status)
    _, exit_status = os.waitpid(child, 0)
    threaded_client.request("GET", peer.url("/parent"), timeout=LIMIT, policy=local_policy)

    assert exit_status == 0
    assert peer.connections == 2
    assert [text.split()[1] for text in peer.requests] == [b"/parent", b"/child", b"/parent"]


def test_without_a_policy_the_settings_decide(settings: Settings, start_peer: StartPeer) -> None:
    peer = start_peer(saying(OK.replace(b"200 OK", b"200 OK\r\nConnection: close")))
    settings.OUTBOUND_HTTPS_ONLY = False
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    with pytest.raises(AddressRefusedError):
        request("GET", peer.url(), timeout=LIMIT)

    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    response = request("GET", peer.url(), timeout=LIMIT)

    assert response.body == b"ok"
    assert peer.connections == 1


def test_a_connection_that_has_reached_its_age_is_opened_anew(
    client_type: ClientType, local_policy: EgressPolicy, start_peer: StartPeer
) -> None:
    peer = start_peer(keeping_alive)
    client = client_type(max_connection_age=timedelta())

    for _ in range(2):
        client.request("GET", peer.url(), timeout=LIMIT, policy=local_policy)
    client.close()

    assert (peer.connections, len(peer.requests)) == (2, 2)
