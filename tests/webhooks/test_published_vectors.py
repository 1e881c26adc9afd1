"""Signatures that others have published: we make the same ones, and accept them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook

from webhooks import rendering, signing
from webhooks.types import SigningKeys

# The message that the libraries of Standard Webhooks, Svix and its server test themselves with.
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT_AT = 1614265330
BODY = b'{"test": 2432232314}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
KEY_PAIR = (
    "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
PUBLIC_KEY = "1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
BODY_SECRET = "It's a Secret to Everybody"


def verify(key: str, signatures: str) -> None:
    signing.verify(
        [key],
        message_id=MESSAGE_ID,
        timestamp=str(SENT_AT),
        signatures=signatures,
        body=BODY,
        now=datetime.fromtimestamp(SENT_AT, UTC),
    )


@pytest.mark.spec("Standard Webhooks", "Symmetric: HMAC-SHA256")
def test_the_vector_of_the_standard_webhooks_libraries_is_signed_and_verified() -> None:
    """In the tests of the Python, JavaScript and Rust libraries: standard-webhooks on GitHub.

    The same stands in Svix's documentation, https://docs.svix.com/receiving/verifying-payloads/how.
    """
    assert signing.sign_v1(SECRET, MESSAGE_ID, SENT_AT, BODY) == V1
    verify(SECRET, V1)


@pytest.mark.spec("Standard Webhooks", "Multiple signatures")
def test_the_header_with_several_signatures_of_svix_is_verified() -> None:
    """The example of https://docs.svix.com/receiving/verifying-payloads/how-manual.

    The other two signatures in it are made up.
    """
    header = (
        f"{V1} v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo="
        " v2,MzJsNDk4MzI0K2VvdSMjMTEjQEBAQDEyMzMzMzEyMwo="
    )

    verify(SECRET, header)


@pytest.mark.spec("Standard Webhooks", "Asymmetric: ed25519")
def test_the_ed25519_vector_of_svix_is_signed_and_verified() -> None:
    """The unit test of asymmetric signatures in Svix's server: svix-webhooks on GitHub, worker.rs.

    The specification shows its signature in "Webhook headers", as an example of ``v1a``.
    """
    private, public = f"whsk_{KEY_PAIR}", f"whpk_{PUBLIC_KEY}"

    assert signing.sign_v1a(private, MESSAGE_ID, SENT_AT, BODY) == V1A
    assert signing.public_key_of(private) == public
    verify(public, V1A)
    verify(private, V1A)


@pytest.mark.spec("Standard Webhooks", "Webhook headers (sending metadata to consumers)")
def test_the_headers_of_a_request_hold_the_published_signatures() -> None:
    """All of the vectors above, as a request with both kinds of keys carries them."""
    keys = SigningKeys(hmac=(SECRET,), ed25519=(f"whsk_{KEY_PAIR}",), scheme="both", body_header="")

    headers = dict(
        rendering.signature_headers(keys, message_id=MESSAGE_ID, timestamp=SENT_AT, body=BODY)
    )

    assert headers == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(SENT_AT),
        "webhook-signature": f"{V1} {V1A}",
    }
    with time_machine.travel(datetime.fromtimestamp(SENT_AT, UTC) + timedelta(minutes=4)):
        assert Webhook(SECRET).verify(BODY, headers) == {"test": 2432232314}


@pytest.mark.spec("GitHub webhooks", "Testing the webhook payload validation")
def test_the_body_signature_of_github_is_signed_and_verified() -> None:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert signing.body_signature(BODY_SECRET, b"Hello, World!") == signature
    signing.verify_body([BODY_SECRET], signature, b"Hello, World!")


def test_the_body_signature_of_atlassian_is_signed_and_verified() -> None:
    """What libraries for Jira and Bitbucket test X-Hub-Signature with, as Atlassian's own example.

    The secret is GitHub's; the text has no comma.
    """
    signature = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"

    assert signing.body_signature(BODY_SECRET, b"Hello World!") == signature
    signing.verify_body([BODY_SECRET], signature, b"Hello World!")
