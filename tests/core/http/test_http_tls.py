import itertools
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.http import DeadlineError, EgressPolicy, TlsError, UnreachableError
from tests.core.http.clients import AnyClient
from tests.core.http.identities import Identity, context_of, issue
from tests.core.http.peers import Answer, Peer, keeping_alive, listening

LIMIT = timedelta(seconds=5)
DAY = timedelta(days=1)


@pytest.mark.parametrize("name", ["hooks.example", "127.0.0.1"])
def test_a_certificate_of_an_authority_that_the_operator_trusts_is_accepted(
    loopback_client: AnyClient,
    trusting_policy: EgressPolicy,
    authority: Identity,
    tmp_path: Path,
    name: str,
) -> None:
    identity = issue(tmp_path, name, issuer=authority)
    asked_for: list[str | None] = []
    context = context_of(identity)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)

    with listening(keeping_alive, tls=context) as peer:
        responses = [
            loopback_client.request(
                "POST", peer.url(host=name), body=b"{}", timeout=LIMIT, policy=trusting_policy
            )
            for _ in range(3)
        ]
        loopback_client.close()

    assert [response.body for response in responses] == [b"ok"] * 3
    assert (peer.connections, len(peer.requests)) == (1, 3)
    assert asked_for == [name if name == "hooks.example" else None]


def _other_name(directory: Path, authority: Identity) -> Identity:
    return issue(directory, "other.example", issuer=authority)


def _expired(directory: Path, authority: Identity) -> Identity:
    return issue(directory, "hooks.example", issuer=authority, days=-1)


def _self_signed(directory: Path, authority: Identity) -> Identity:
    return issue(directory, "hooks.example")


def _from_a_stranger(directory: Path, authority: Identity) -> Identity:
    return issue(directory, "hooks.example", issuer=issue(directory, "stranger.example"))


@pytest.mark.parametrize(
    ("make_identity", "reason"),
    [
        (_self_signed, "self-signed certificate"),
        (_from_a_stranger, "unable to get local issuer certificate"),
        (_expired, "certificate has expired"),
        (_other_name, "Hostname mismatch"),
    ],
)
def test_a_certificate_that_proves_nothing_is_refused_and_no_byte_is_sent(
    loopback_client: AnyClient,
    trusting_policy: EgressPolicy,
    authority: Identity,
    make_identity: Callable[[Path, Identity], Identity],
    reason: str,
) -> None:
    context = context_of(make_identity(authority.path.parent, authority))
    message = rf"^the certificate of hooks\.example is not trusted: .*{reason}"

    with listening(keeping_alive, tls=context) as peer, pytest.raises(TlsError, match=message):
        loopback_client.request(
            "POST", peer.url(host="hooks.example"), timeout=LIMIT, policy=trusting_policy
        )

    assert peer.requests == []


def test_an_authority_is_trusted_only_under_the_policy_that_names_it(
    loopback_client: AnyClient,
    local_policy: EgressPolicy,
    trusting_policy: EgressPolicy,
    authority: Identity,
    tmp_path: Path,
) -> None:
    context = context_of(issue(tmp_path, "hooks.example", issuer=authority))

    with listening(keeping_alive, tls=context) as peer:
        url = peer.url(host="hooks.example")
        loopback_client.request("GET", url, timeout=LIMIT, policy=trusting_policy)
        with pytest.raises(TlsError):
            loopback_client.request("GET", url, timeout=LIMIT, policy=local_policy)
        loopback_client.close()

    assert len(peer.requests) == 1


def test_authorities_that_cannot_be_read_stop_the_request(
    loopback_client: AnyClient, local_policy: EgressPolicy, tmp_path: Path
) -> None:
    policy = replace(local_policy, ca_bundle=str(tmp_path / "missing.pem"))

    with pytest.raises(TlsError, match="the operator configured cannot be read"):
        loopback_client.request("GET", "https://hooks.example/", timeout=LIMIT, policy=policy)


def test_a_peer_without_tls_is_a_tls_error(
    loopback_client: AnyClient, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(lambda connection, _: connection.sendall(b"220 mail.example ESMTP\r\n" * 9))

    with pytest.raises(TlsError, match=r"no encrypted connection to hooks\.example came about"):
        loopback_client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=LIMIT, policy=trusting_policy
        )


def test_a_peer_that_hangs_up_in_the_handshake_is_unreachable(
    loopback_client: AnyClient, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(lambda connection, _: connection.close())

    with pytest.raises(UnreachableError):
        loopback_client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=LIMIT, policy=trusting_policy
        )


def test_a_handshake_that_hangs_is_cut_off_at_the_deadline(
    loopback_client: AnyClient, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    def answer(connection: object, peer: Peer) -> None:
        peer.released.wait()

    peer = start_peer(answer)
    short = timedelta(milliseconds=300)

    with pytest.raises(DeadlineError):
        loopback_client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=short, policy=trusting_policy
        )


def test_an_encrypted_answer_byte_by_byte_is_cut_off_at_the_deadline(
    loopback_client: AnyClient, trusting_policy: EgressPolicy, authority: Identity, tmp_path: Path
) -> None:
    def answer(connection: ssl.SSLSocket, peer: Peer) -> None:
        peer.receive(connection)
        for octet in itertools.cycle(b"HTTP/1.1 200 OK "):
            connection.sendall(bytes([octet]))
            if peer.released.wait(0.02):
                return

    context = context_of(issue(tmp_path, "hooks.example", issuer=authority))
    short = timedelta(milliseconds=300)

    with listening(answer, tls=context) as peer, pytest.raises(DeadlineError):  # type: ignore[arg-type] # a TLS peer gets a TLS socket
        loopback_client.request(
            "POST", peer.url(host="hooks.example"), timeout=short, policy=trusting_policy
        )
