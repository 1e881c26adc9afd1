import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from webhooks import signing
from webhooks.signing import SecretError, VerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another key of 32 bytes, exactly").decode()
PRIVATE_KEY = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
PUBLIC_KEY = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT_AT = 1614265330
BODY = b'{"test": 2432232314}'
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
PRINTABLE = "A secret has only printable ASCII characters and no space at its ends"
NOW = datetime.fromtimestamp(SENT_AT, UTC)


def verify(keys: list[str], **changes: Any) -> None:
    message: dict[str, Any] = {
        "message_id": MESSAGE_ID,
        "timestamp": str(SENT_AT),
        "signatures": V1,
        "body": BODY,
        "now": NOW,
    }
    signing.verify(keys, **{**message, **changes})


@pytest.mark.spec("Standard Webhooks", "Symmetric: HMAC-SHA256")
def test_the_published_hmac_vector_is_signed_and_verified() -> None:
    assert signing.sign_v1(SECRET, MESSAGE_ID, SENT_AT, BODY) == V1
    verify([SECRET])


@pytest.mark.spec("Standard Webhooks", "Asymmetric: ed25519")
def test_the_published_ed25519_vector_is_signed_and_verified() -> None:
    assert signing.sign_v1a(PRIVATE_KEY, MESSAGE_ID, SENT_AT, BODY) == V1A
    assert signing.public_key_of(PRIVATE_KEY) == PUBLIC_KEY
    verify([PUBLIC_KEY], signatures=V1A)
    verify([PRIVATE_KEY], signatures=V1A)


@pytest.mark.spec("GitHub webhooks", "Testing the webhook payload validation")
def test_the_published_body_signature_vector_is_signed() -> None:
    signature = signing.body_signature("It's a Secret to Everybody", b"Hello, World!")

    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature == f"sha256={digest}"


def test_the_body_signature_uses_the_secret_as_it_is_shown() -> None:
    expected = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()

    assert signing.body_signature(SECRET, BODY) == f"sha256={expected}"
    signing.verify_body([OTHER_SECRET, SECRET], f"sha256={expected}", BODY)


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=é\ud83d", "sha1=00", "0" * 64])
def test_a_wrong_body_signature_is_refused(header: str) -> None:
    with pytest.raises(VerificationError, match="matches none of the secrets"):
        signing.verify_body([SECRET], header, BODY)


@pytest.mark.spec("Standard Webhooks", "Multiple signatures")
def test_the_reference_library_verifies_every_key_of_a_rotation() -> None:
    sent_at = int(datetime.now(UTC).timestamp())
    header = signing.signature_header(
        [OTHER_SECRET, PRIVATE_KEY, SECRET], MESSAGE_ID, sent_at, BODY
    )

    headers = {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": header,
    }

    assert [entry.split(",")[0] for entry in header.split(" ")] == ["v1", "v1a", "v1"]
    assert header.split(" ")[0] == signing.sign_v1(OTHER_SECRET, MESSAGE_ID, sent_at, BODY)
    for secret in (OTHER_SECRET, SECRET):
        assert Webhook(secret).verify(BODY, headers) == {"test": 2432232314}


def test_new_secrets_are_accepted_by_the_reference_library_and_never_repeat() -> None:
    secret = signing.new_secret()

    theirs = Webhook(secret).sign(MESSAGE_ID, NOW, BODY.decode())

    assert signing.sign_v1(secret, MESSAGE_ID, SENT_AT, BODY) == theirs
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert signing.new_secret() != secret


def test_a_new_key_pair_signs_and_verifies() -> None:
    private, public = signing.new_key_pair()

    signature = signing.sign_v1a(private, MESSAGE_ID, SENT_AT, BODY)

    assert private.startswith("whsk_")
    assert public == signing.public_key_of(private)
    verify([public], signatures=signature)


def test_a_secret_in_another_form_is_its_own_key() -> None:
    secret = "a-plain-secret-of-a-tenant"
    content = f"{MESSAGE_ID}.{SENT_AT}.".encode() + BODY
    expected = base64.b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()

    assert signing.sign_v1(secret, MESSAGE_ID, SENT_AT, BODY) == f"v1,{expected}"


def test_a_secret_without_base64_padding_is_the_same_secret() -> None:
    unpadded = OTHER_SECRET.rstrip("=")

    assert unpadded != OTHER_SECRET
    assert signing.sign_v1(unpadded, "m", 1, b"") == signing.sign_v1(OTHER_SECRET, "m", 1, b"")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "A secret has 16 to 200 characters, not 0"),
        ("short", "A secret has 16 to 200 characters, not 5"),
        ("x" * 201, "A secret has 16 to 200 characters, not 201"),
        (" sixteen-letters", PRINTABLE),
        ("sixteen-letters ", PRINTABLE),
        ("sixteen-letters-é", PRINTABLE),
        ("sixteen-letters-\n", PRINTABLE),
        ("whsec_", "A whsec_ secret holds 24 to 64 bytes, not 0"),
        ("whsec_c2hvcnQ=", "A whsec_ secret holds 24 to 64 bytes, not 5"),
        ("whsec_" + "A" * 88, "A whsec_ secret holds 24 to 64 bytes, not 66"),
        ("whsec_not*base64", "What follows whsec_ is not valid base64"),
        ("whsec_é" + "A" * 40, "What follows whsec_ is not valid base64"),
        (PUBLIC_KEY, "This is an ed25519 key; a secret for HMAC is needed here"),
        ("whsk_", "A whsk_ key holds 64 bytes, not 0"),
        ("whsk_*", "What follows whsk_ is not valid base64"),
        ("whsk_" + "A" * 86 + "==", "The two halves of the private key do not belong together"),
    ],
)
def test_a_malformed_key_is_refused_with_what_it_must_look_like(key: str, message: str) -> None:
    with pytest.raises(SecretError) as caught:
        signing.signature_header([key], MESSAGE_ID, SENT_AT, BODY)

    assert str(caught.value) == message


@pytest.mark.parametrize("key", [SECRET, PRIVATE_KEY, "a-plain-secret-of-a-tenant"])
def test_every_kind_of_key_makes_one_signature(key: str) -> None:
    assert signing.signature_header([key], "m", 1, b"").count(" ") == 0


def test_nothing_is_signed_without_a_key() -> None:
    with pytest.raises(SecretError, match="There is no key to sign with"):
        signing.signature_header([], MESSAGE_ID, SENT_AT, BODY)


@pytest.mark.parametrize("sign", [signing.sign_v1, signing.body_signature])
def test_a_private_key_is_never_used_as_a_secret(sign: Callable[..., str]) -> None:
    arguments = (BODY,) if sign is signing.body_signature else (MESSAGE_ID, SENT_AT, BODY)

    with pytest.raises(SecretError, match="a secret for HMAC is needed here"):
        sign(PRIVATE_KEY, *arguments)


@pytest.mark.parametrize("message_id", ["", "msg.1", "msg 1", "msg\n1", "é", "x" * 257])
def test_an_id_that_would_make_the_signed_text_ambiguous_is_not_signed(message_id: str) -> None:
    with pytest.raises(ValueError, match="A message id is 1 to 256 printable ASCII characters"):
        signing.sign_v1(SECRET, message_id, SENT_AT, BODY)


@pytest.mark.spec("Standard Webhooks", "Verifying webhook timestamp")
@pytest.mark.parametrize("seconds", [-301, 301, -(10**9), 10**9])
def test_a_message_from_another_time_is_refused_in_both_directions(seconds: int) -> None:
    with pytest.raises(VerificationError, match="too far from the present time"):
        verify([SECRET], now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_message_within_the_tolerance_is_accepted(seconds: int) -> None:
    verify([SECRET], now=NOW + timedelta(seconds=seconds))

    with pytest.raises(VerificationError, match="too far"):
        verify([SECRET], now=NOW + timedelta(seconds=seconds + 2), tolerance=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"body": BODY + b" "}, "No signature matches any of the keys"),
        ({"message_id": "msg_other"}, "No signature matches any of the keys"),
        ({"timestamp": str(SENT_AT + 1)}, "No signature matches any of the keys"),
        ({"signatures": V1.replace("v1,", "v1a,")}, "No signature matches any of the keys"),
        ({"signatures": V1.replace("v1,", "v2,")}, "No signature matches any of the keys"),
        ({"signatures": ""}, "No signature matches any of the keys"),
        ({"signatures": "v1"}, "No signature matches any of the keys"),
        ({"signatures": "v1,"}, "No signature matches any of the keys"),
        ({"signatures": "v1," + "A" * 44}, "No signature matches any of the keys"),
        ({"signatures": "v1,*"}, "A signature is not valid base64"),
        ({"signatures": "v1,é"}, "A signature is not valid base64"),
        ({"signatures": "v1,AAAA " * 21}, "There are more than 20 signatures"),
        ({"timestamp": ""}, "The timestamp is not a number of Unix seconds"),
        ({"timestamp": "1e9"}, "The timestamp is not a number of Unix seconds"),
        ({"timestamp": "٣"}, "The timestamp is not a number of Unix seconds"),
        ({"timestamp": "9" * 5_000}, "The timestamp is not a number of Unix seconds"),
        ({"message_id": "a.b"}, "The message id is malformed"),
        ({"message_id": ""}, "The message id is malformed"),
    ],
)
def test_a_message_that_is_not_proven_genuine_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(VerificationError) as caught:
        verify([SECRET, PUBLIC_KEY], **changes)

    assert str(caught.value) == message


def test_any_listed_signature_and_any_key_in_force_is_enough() -> None:
    verify([OTHER_SECRET, SECRET], signatures=f"v9,new v1,{'A' * 44} {V1}")
    verify([PUBLIC_KEY], signatures=f"{V1} {V1A}")

    with pytest.raises(VerificationError, match="No signature matches"):
        verify([OTHER_SECRET, PUBLIC_KEY], signatures=V1)


def test_a_malformed_key_of_ours_is_not_blamed_on_the_sender() -> None:
    with pytest.raises(SecretError, match="A whpk_ key holds 32 bytes, not 3"):
        verify(["whpk_AAAA"])


@given(st.text(), st.text(), st.text(), st.binary())
def test_hostile_headers_raise_only_a_verification_error(
    message_id: str, timestamp: str, signatures: str, body: bytes
) -> None:
    with pytest.raises(VerificationError):
        verify(
            [SECRET, PUBLIC_KEY],
            message_id=message_id,
            timestamp=timestamp,
            signatures="v1," + signatures,
            body=body,
        )


@given(st.text("abc_-", min_size=1), st.integers(0, 10**11), st.binary())
def test_whatever_is_signed_is_verified(message_id: str, sent_at: int, body: bytes) -> None:
    header = signing.signature_header([SECRET, PRIVATE_KEY], message_id, sent_at, body)
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=sent_at)

    for key in (SECRET, PUBLIC_KEY):
        verify(
            [key],
            message_id=message_id,
            timestamp=str(sent_at),
            signatures=header,
            body=body,
            now=now,
        )
