import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.http import Client, DeadlineError, EgressPolicy, TlsError, UnreachableError
from core.http.resolving import Addresses
from tests.core.http.peers import Answer, Peer, keeping_alive, listening

LIMIT = timedelta(seconds=5)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A certificate with its key, on disk."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path


def issue(directory: Path, name: str, *, issuer: Identity | None = None, days: int = 1) -> Identity:
    """Return a certificate for ``name`` that ends in ``days``, self-signed without ``issuer``."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    alternative: x509.GeneralName = (
        x509.IPAddress(IPv4Address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    path = directory / f"{name}-{certificate.serial_number}.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Identity(certificate=certificate, key=key, path=path)


@pytest.fixture
def authority(tmp_path: Path) -> Identity:
    return issue(tmp_path, "authority.example")


@pytest.fixture
def trusting_policy(local_policy: EgressPolicy, authority: Identity) -> EgressPolicy:
    return replace(local_policy, https_only=True, ca_bundle=str(authority.path))


@pytest.fixture
def client() -> Iterator[Client]:
    """Return a client for which every name leads to 127.0.0.1."""

    def resolve(host: str, seconds: float) -> Addresses:
        return (ip_address("127.0.0.1"),)

    with closing(Client(resolve=resolve)) as client:
        yield client


def _context(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.path)
    return context


@pytest.mark.parametrize("name", ["hooks.example", "127.0.0.1"])
def test_a_certificate_of_an_authority_that_the_operator_trusts_is_accepted(
    client: Client, trusting_policy: EgressPolicy, authority: Identity, tmp_path: Path, name: str
) -> None:
    identity = issue(tmp_path, name, issuer=authority)
    asked_for: list[str | None] = []
    context = _context(identity)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)

    with listening(keeping_alive, tls=context) as peer:
        responses = [
            client.request(
                "POST", peer.url(host=name), body=b"{}", timeout=LIMIT, policy=trusting_policy
            )
            for _ in range(3)
        ]
        client.close()

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
    client: Client,
    trusting_policy: EgressPolicy,
    authority: Identity,
    make_identity: Callable[[Path, Identity], Identity],
    reason: str,
) -> None:
    context = _context(make_identity(authority.path.parent, authority))
    message = rf"^the certificate of hooks\.example is not trusted: .*{reason}"

    with listening(keeping_alive, tls=context) as peer, pytest.raises(TlsError, match=message):
        client.request(
            "POST", peer.url(host="hooks.example"), timeout=LIMIT, policy=trusting_policy
        )

    assert peer.requests == []


def test_an_authority_is_trusted_only_under_the_policy_that_names_it(
    client: Client,
    local_policy: EgressPolicy,
    trusting_policy: EgressPolicy,
    authority: Identity,
    tmp_path: Path,
) -> None:
    context = _context(issue(tmp_path, "hooks.example", issuer=authority))

    with listening(keeping_alive, tls=context) as peer:
        url = peer.url(host="hooks.example")
        client.request("GET", url, timeout=LIMIT, policy=trusting_policy)
        with pytest.raises(TlsError):
            client.request("GET", url, timeout=LIMIT, policy=local_policy)
        client.close()

    assert len(peer.requests) == 1


def test_authorities_that_cannot_be_read_stop_the_request(
    client: Client, local_policy: EgressPolicy, tmp_path: Path
) -> None:
    policy = replace(local_policy, ca_bundle=str(tmp_path / "missing.pem"))

    with pytest.raises(TlsError, match="the operator configured cannot be read"):
        client.request("GET", "https://hooks.example/", timeout=LIMIT, policy=policy)


def test_a_peer_without_tls_is_a_tls_error(
    client: Client, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(lambda connection, _: connection.sendall(b"220 mail.example ESMTP\r\n" * 9))

    with pytest.raises(TlsError, match=r"no encrypted connection to hooks\.example came about"):
        client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=LIMIT, policy=trusting_policy
        )


def test_a_peer_that_hangs_up_in_the_handshake_is_unreachable(
    client: Client, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    peer = start_peer(lambda connection, _: connection.close())

    with pytest.raises(UnreachableError):
        client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=LIMIT, policy=trusting_policy
        )


def test_a_handshake_that_hangs_is_cut_off_at_the_deadline(
    client: Client, trusting_policy: EgressPolicy, start_peer: Callable[[Answer], Peer]
) -> None:
    def answer(connection: object, peer: Peer) -> None:
        peer.released.wait()

    peer = start_peer(answer)
    short = timedelta(milliseconds=300)

    with pytest.raises(DeadlineError):
        client.request(
            "GET", f"https://hooks.example:{peer.port}/", timeout=short, policy=trusting_policy
        )


def test_an_encrypted_answer_byte_by_byte_is_cut_off_at_the_deadline(
    client: Client, trusting_policy: EgressPolicy, authority: Identity, tmp_path: Path
) -> None:
    def answer(connection: ssl.SSLSocket, peer: Peer) -> None:
        peer.receive(connection)
        while not peer.released.wait(0.02):
            connection.sendall(b"H")

    context = _context(issue(tmp_path, "hooks.example", issuer=authority))
    short = timedelta(milliseconds=300)

    with listening(answer, tls=context) as peer, pytest.raises(DeadlineError):  # type: ignore[arg-type] # a TLS peer gets a TLS socket
        client.request(
            "POST", peer.url(host="hooks.example"), timeout=short, policy=trusting_policy
        )
