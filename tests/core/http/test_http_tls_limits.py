import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path

import pytest

from core.http import EgressPolicy, TlsError
from tests.core.http.clients import AnyClient
from tests.core.http.identities import Identity, context_of, issue
from tests.core.http.peers import OK, Peer, keeping_alive, listening

LIMIT = timedelta(seconds=5)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_version_of_tls_that_is_broken_is_not_spoken(
    loopback_client: AnyClient, trusting_policy: EgressPolicy, authority: Identity, tmp_path: Path
) -> None:
    context = context_of(issue(tmp_path, "hooks.example", issuer=authority))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    with listening(keeping_alive, tls=context) as peer, pytest.raises(TlsError):
        loopback_client.request(
            "POST", peer.url(host="hooks.example"), timeout=LIMIT, policy=trusting_policy
        )

    assert peer.requests == []


def test_the_environment_names_no_authorities(
    loopback_client: AnyClient,
    local_policy: EgressPolicy,
    authority: Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = context_of(issue(tmp_path, "hooks.example", issuer=authority))
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.path))

    with listening(keeping_alive, tls=context) as peer, pytest.raises(TlsError):
        loopback_client.request(
            "GET", peer.url(host="hooks.example"), timeout=LIMIT, policy=local_policy
        )

    assert peer.requests == []


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.06], ids=["at-once", "merged", "later"])
def test_an_encrypted_answer_that_nobody_asked_for_is_never_taken_for_the_next_one(
    loopback_client: AnyClient,
    trusting_policy: EgressPolicy,
    authority: Identity,
    tmp_path: Path,
    delay: float,
) -> None:
    def answer(connection: socket.socket, peer: Peer) -> None:
        while peer.receive(connection):
            connection.sendall(OK)
            peer.released.wait(delay)
            connection.sendall(OK.replace(b"ok", b"no"))

    context = context_of(issue(tmp_path, "hooks.example", issuer=authority))
    bodies = []

    with listening(answer, tls=context) as peer:
        for _ in range(3):
            response = loopback_client.request(
                "GET", peer.url(host="hooks.example"), timeout=LIMIT, policy=trusting_policy
            )
            bodies.append(response.body)
            time.sleep(0.1)

    assert bodies == [b"ok"] * 3
