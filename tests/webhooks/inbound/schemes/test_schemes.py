"""What holds for every scheme, whoever the sender is."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from webhooks import signing
from webhooks.inbound import selectors
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming, Proof, RefusalError, Scheme, SecretError

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Pair = tuple[str, str]
"""What signs, and what verifies."""


def discord_pair() -> Pair:
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex()


def sendgrid_pair() -> Pair:
    private = generate_private_key(SECP256R1())
    secret = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(secret).decode(), base64.b64encode(public).decode()


def pair_for(scheme: Scheme) -> Pair:
    """Return a fresh key for a scheme: the same text twice, unless its keys are asymmetric."""
    if scheme.name == "discord":
        return discord_pair()
    if scheme.name == "sendgrid":
        return sendgrid_pair()
    own = {"basic": f"user:{signing.new_secret()}", "microsoft_graph": scheme.new_secret()}
    secret = own.get(scheme.name, signing.new_secret())
    return secret, secret


KEYS: dict[str, tuple[Pair, Pair]] = {
    name: (pair_for(scheme), pair_for(scheme)) for name, scheme in SCHEMES.items()
}
ALL = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
TIMED = pytest.mark.parametrize(
    "scheme", [each for each in SCHEMES.values() if each.tolerance], ids=lambda each: each.name
)
# What comes in the clear proves the sender, and nothing about what it has sent.
SIGNED = pytest.mark.parametrize(
    "scheme",
    [
        scheme
        for name, scheme in SCHEMES.items()
        if name not in {"secret_header", "gitlab_token", "bearer", "basic", "microsoft_graph"}
    ],
    ids=lambda each: each.name,
)


def options_of(scheme: Scheme) -> dict[str, str]:
    given = {"verify_token": "the verify token"} if scheme.name == "meta" else {}
    if scheme.name == "hmac":
        given = {"signed": "{timestamp}.{header:content-type}.{body}"}
    return scheme.filled(given)


def signed(scheme: Scheme, *, key: int = 0, at: datetime = NOW) -> Incoming:
    """Return the sample of a scheme, signed with the first or the second key."""
    incoming = Incoming(
        method="POST",
        url="https://hub.example/in/acme/hook?a=1",
        headers=scheme.sample.headers,
        body=scheme.sample.body,
    )
    return scheme.sign(incoming, KEYS[scheme.name][key][0], options_of(scheme), now=at)


def verify(scheme: Scheme, incoming: Incoming, *keys: int) -> Proof:
    """Verify with the first key, or with ``keys`` in their order."""
    secrets = [KEYS[scheme.name][key][1] for key in keys or (0,)]
    return scheme.verify(incoming, secrets, options_of(scheme), now=NOW, tolerance=scheme.tolerance)


@ALL
def test_what_a_sender_signs_is_believed(scheme: Scheme) -> None:
    proof = verify(scheme, signed(scheme))

    assert proof.secret == 1
    assert proof.sent_at == (int(NOW.timestamp()) if proof.sent_at is not None else None)


@TIMED
def test_the_signed_moment_is_found(scheme: Scheme) -> None:
    assert verify(scheme, signed(scheme)).sent_at == int(NOW.timestamp())


@ALL
def test_each_of_several_secrets_is_tried(scheme: Scheme) -> None:
    assert verify(scheme, signed(scheme, key=0), 1, 0).secret == 2
    assert verify(scheme, signed(scheme, key=1), 1, 0).secret == 1


@ALL
def test_a_wrong_secret_is_refused(scheme: Scheme) -> None:
    with pytest.raises(RefusalError) as refusal:
        verify(scheme, signed(scheme, key=1))

    assert refusal.value.code == "wrong_signature"


@ALL
def test_without_any_secret_everything_is_refused(scheme: Scheme) -> None:
    with pytest.raises(RefusalError):
        scheme.verify(signed(scheme), [], options_of(scheme), now=NOW, tolerance=scheme.tolerance)


@SIGNED
def test_one_altered_byte_is_refused(scheme: Scheme) -> None:
    incoming = signed(scheme)
    for index in range(len(incoming.body)):
        body = bytearray(incoming.body)
        body[index] ^= 1

        with pytest.raises(RefusalError):
            verify(scheme, replace(incoming, body=bytes(body)))


@TIMED
@pytest.mark.parametrize("late", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_what_is_old_or_from_the_future_is_refused(scheme: Scheme, late: timedelta) -> None:
    with pytest.raises(RefusalError) as refusal:
        verify(scheme, signed(scheme, at=NOW - late))

    assert refusal.value.code == "wrong_time"
    assert ("360 s old" if late > timedelta() else "360 s in the future") in str(refusal.value)


@TIMED
@pytest.mark.parametrize("late", [timedelta(minutes=4), -timedelta(minutes=4)])
def test_clocks_may_differ_a_little(scheme: Scheme, late: timedelta) -> None:
    assert verify(scheme, signed(scheme, at=NOW - late)).secret == 1


def own_headers(scheme: Scheme) -> list[str]:
    """Return the headers that signing adds."""
    return [name for name in signed(scheme).headers if name not in scheme.sample.headers]


@ALL
def test_a_request_without_its_signature_is_refused(scheme: Scheme) -> None:
    incoming = signed(scheme)
    for name in own_headers(scheme):
        headers = {key: value for key, value in incoming.headers.items() if key != name}

        with pytest.raises(RefusalError):
            verify(scheme, replace(incoming, headers=headers))


@ALL
@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "=",
        ",",
        "t=,v1=",
        "v1,",
        "v1,é",
        "sha256=",
        "sha256=zz",
        "sha256=" + "0" * 10_000,
        "\xff\xfe",
        "9" * 400,
        "-1",
        "1e3",
        "٣",
        "v0=" + "ab" * 32,
        "Basic ====",
        "Bearer",
        "t=1,t=2,v1=00,v1=00",
        " ".join(["v1,AAAA"] * 100),
    ],
)
def test_garbage_in_any_header_is_refused(scheme: Scheme, garbage: str) -> None:
    incoming = signed(scheme)
    for name in own_headers(scheme):
        with pytest.raises(RefusalError):
            verify(scheme, replace(incoming, headers={**incoming.headers, name: garbage}))


@ALL
@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b'{"value": 1}', b"null", b"[]"])
def test_whatever_the_body_it_is_believed_or_refused(scheme: Scheme, body: bytes) -> None:
    incoming = replace(signed(scheme), body=body)
    try:
        proof = verify(scheme, incoming)
    except RefusalError:
        return
    assert proof.secret == 1
    assert scheme.greeting(incoming) is None


@given(name=st.sampled_from(sorted(SCHEMES)), value=st.text(), body=st.binary(), url=st.text())
def test_nothing_that_is_written_breaks_a_scheme(
    name: str, value: str, body: bytes, url: str
) -> None:
    scheme = SCHEMES[name]
    headers = dict.fromkeys([*own_headers(scheme), "content-type"], value)
    incoming = Incoming(method="GET", url=f"https://hub.example/?{url}", headers=headers, body=body)
    scheme.handshake(incoming, [KEYS[name][0][1]], options_of(scheme))
    scheme.greeting(incoming)

    with pytest.raises(RefusalError):
        verify(scheme, incoming)


@ALL
def test_a_scheme_says_what_a_form_needs(scheme: Scheme) -> None:
    assert scheme.name == scheme.name.lower()
    assert scheme.label
    assert scheme.hint.endswith((".", "…"))
    scheme.check_secret(KEYS[scheme.name][0][1])
    scheme.check_options(options_of(scheme))
    for selector in (scheme.message_key, scheme.event_type):
        selectors.parse(selector)


@ALL
@pytest.mark.parametrize("secret", ["", " padded ", "x" * 5_000])
def test_what_is_no_secret_is_refused_when_it_is_entered(scheme: Scheme, secret: str) -> None:
    with pytest.raises(SecretError):
        scheme.check_secret(secret)


@ALL
def test_a_fresh_secret_can_be_used(scheme: Scheme) -> None:
    if scheme.secret_is_ours:
        scheme.check_secret(scheme.new_secret())
