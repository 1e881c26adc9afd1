"""Signatures that vendors have published, or that the tests of their own libraries hold."""

from datetime import UTC, datetime

import pytest

from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Incoming, Proof, RefusalError

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
    b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
TWILIO_BODY = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
    b"&To=%2B18005551212"
)
STANDARD = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
SVIX = {f"svix{name.removeprefix('webhook')}": value for name, value in STANDARD.items()}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TEST = b'{"test": 2432232314}'

VECTORS = {
    "github": (
        "github",
        "It's a Secret to Everybody",
        {
            "x-hub-signature-256": "sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
        b"Hello, World!",
        0,
    ),
    "standard webhooks, v1": (
        "standard_webhooks",
        SECRET,
        {**STANDARD, "webhook-signature": V1},
        TEST,
        1614265330,
    ),
    "standard webhooks, v1a": (
        "standard_webhooks",
        "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        {**STANDARD, "webhook-signature": f"v2,AAAA {V1} {V1A}"},
        TEST,
        1614265330,
    ),
    "svix": ("svix", SECRET, {**SVIX, "svix-signature": V1}, TEST, 1614265330),
    "slack": (
        "slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0="
            "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        SLACK_BODY,
        1531420618,
    ),
    "twilio": (
        "twilio",
        "12345",
        {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        },
        TWILIO_BODY,
        0,
    ),
}


def verified(name: str, secret: str, headers: dict[str, str], body: bytes, sent_at: int) -> Proof:
    scheme = SCHEMES[name]
    incoming = Incoming(
        method="POST",
        url="https://mycompany.com/myapp.php?foo=1&bar=2",
        headers=headers,
        body=body,
    )
    now = datetime.fromtimestamp(sent_at, UTC)
    return scheme.verify(incoming, [secret], scheme.filled({}), now=now, tolerance=scheme.tolerance)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_a_published_signature_is_believed(
    vector: tuple[str, str, dict[str, str], bytes, int],
) -> None:
    name, secret, headers, body, sent_at = vector

    assert verified(name, secret, headers, body, sent_at).secret == 1


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_it_is_about_that_body_alone(
    vector: tuple[str, str, dict[str, str], bytes, int],
) -> None:
    name, secret, headers, body, sent_at = vector

    with pytest.raises(RefusalError):
        verified(name, secret, headers, body + b"&x=1", sent_at)


def test_stripes_old_signatures_do_not_count() -> None:
    scheme = SCHEMES["stripe"]
    now = datetime(2026, 3, 4, tzinfo=UTC)
    incoming = Incoming(method="POST", url="", headers={}, body=b"{}")
    right = scheme.sign(incoming, "whsec_1", {}, now=now).headers["stripe-signature"]
    moment, _, signature = right.partition(",")
    digest = signature.removeprefix("v1=")
    several = f"{moment},v0={digest},v1=zz,{signature}"

    for header, fine in ((f"{moment},v0={digest}", False), (several, True)):
        request = Incoming(method="POST", url="", headers={"stripe-signature": header}, body=b"{}")
        if fine:
            assert (
                scheme.verify(request, ["whsec_1"], {}, now=now, tolerance=scheme.tolerance).secret
                == 1
            )
        else:
            with pytest.raises(RefusalError, match="holds no v1 signature"):
                scheme.verify(request, ["whsec_1"], {}, now=now, tolerance=scheme.tolerance)
