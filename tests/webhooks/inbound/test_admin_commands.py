"""The command that sends what an HMAC endpoint takes, and what its pages say of the signature."""

import subprocess
from itertools import pairwise
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from core.models import Tenant
from tests.endpoints import SECRET, make_endpoint, post
from tests.staff import SHOWN_ONCE, page_of, text_of
from webhooks.admin.endpoint_samples import sample_command
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.models import Endpoint
from webhooks.redaction import MASK

pytestmark = pytest.mark.django_db

# Instead of sending anything, say what would be sent: each argument ends with a NUL.
CURL = r"""curl() { printf '%s\0' "$@"; }
"""


def arguments_of(command: str) -> list[str]:
    """Return what a shell hands to curl when the command is run with the secret in its place."""
    script = CURL + command.replace("SECRET='…'", f"SECRET='{SECRET}'")
    ran = subprocess.run(["bash", "-c", script], capture_output=True, check=True, text=True)
    assert ran.stderr == ""
    return ran.stdout.split("\0")[:-1]


def send(endpoint: Endpoint) -> HttpResponse:
    """Run the command of an endpoint, and have the product receive what it would send."""
    arguments = arguments_of(sample_command(endpoint))
    pairs = list(pairwise(arguments))
    headers = [value.partition(": ") for flag, value in pairs if flag == "-H"]
    incoming = Incoming(
        method=next((value for flag, value in pairs if flag == "-X"), "POST"),
        url=endpoint.url,
        headers={name.lower(): value for name, _, value in headers},
        body=next(value for flag, value in pairs if flag == "--data-raw").encode(),
    )
    assert endpoint.url in arguments
    return post(endpoint, incoming)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prefix": "none", "encoding": "base64", "signed": "{timestamp}.{body}"},
        {"algorithm": "sha512", "encoding": "base64url", "header": "X-Carrier-Signature"},
        {"algorithm": "sha1", "prefix": '$v"1`=\\', "signed": "{timestamp}x{body}'$HOME"},
        {"signed": "{header:X-Topic}:{timestamp}:{body}", "timestamp_header": "X-Moment"},
    ],
)
def test_what_the_command_sends_is_received(tenant: Tenant, options: dict[str, str]) -> None:
    endpoint = make_endpoint(tenant, scheme="hmac", options=options)

    answer = send(endpoint)

    assert (answer.status_code, endpoint.messages.count()) == (200, 1)


def test_the_command_sends_what_the_endpoint_demands(tenant: Tenant) -> None:
    demanded: list[Any] = [
        {"name": "Content-Type", "value": "text/plain"},
        {"name": "X-Shop", "value": "it's open"},
        {"name": "X-Kind", "value": ""},
    ]
    endpoint = make_endpoint(
        tenant,
        scheme="hmac",
        methods=["PUT"],
        expected_headers=demanded,
        options={"signed": "{header:x-shop}{body}"},
    )

    answer = send(endpoint)

    assert (answer.status_code, endpoint.messages.get().method) == (200, "PUT")


def test_the_command_holds_no_secret(acme_staff: Client, tenant: Tenant) -> None:
    headers: list[Any] = [{"name": "X-Webhook-Secret", "value": "your-secret"}]
    endpoint = make_endpoint(tenant, scheme="hmac", expected_headers=headers)

    page = text_of(acme_staff.get(page_of(Endpoint, "change", endpoint.pk)))

    assert f"X-Webhook-Secret: {MASK}" in sample_command(endpoint)
    assert "and the values in place of ••••••" in page
    assert "your-secret" not in page
    assert SECRET not in page


@pytest.mark.parametrize("page", ["change", "replace_secret"])
def test_pages_say_how_the_sender_signs(acme_staff: Client, tenant: Tenant, page: str) -> None:
    options = {"header": "X-Carrier", "prefix": "none", "signed": "{timestamp}.{body}"}
    endpoint = make_endpoint(tenant, scheme="hmac", options=options)

    said = text_of(acme_staff.get(page_of(Endpoint, page, endpoint.pk)))

    assert (
        "The sender signs every request with it: the header X-Carrier holds the HMAC-SHA256 of"
        " {timestamp}.{body} in hex, where {timestamp} is the Unix seconds in X-Timestamp."
    ) in said
    assert "openssl dgst -sha256 -hmac" in said


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("hmac", "who signs every request with it: the header X-Signature-256 holds sha256= and"),
        ("github", "who signs every request with it. Copy it now"),
        ("secret_header", "who sends it with every request, in the header X-Webhook-Secret. Copy"),
        ("bearer", "who sends it with every request, in the header Authorization. Copy it now"),
        ("gitlab_token", "who sends it with every request, in the header X-Gitlab-Token. Copy"),
        ("microsoft_graph", "who sends it with every request, as clientState in the body. Copy"),
    ],
)
def test_a_new_secret_is_shown_with_its_use(
    acme_staff: Client, tenant: Tenant, scheme: str, words: str
) -> None:
    endpoint = make_endpoint(tenant, scheme=scheme, secret="told-to-them-once")

    acme_staff.post(page_of(Endpoint, "replace_secret", endpoint.pk), {"secret": ""})

    assert words in text_of(acme_staff.get(SHOWN_ONCE))


def test_a_public_key_signs_nothing(acme_staff: Client, tenant: Tenant) -> None:
    endpoint = make_endpoint(tenant, scheme="discord", secret="")

    page = text_of(acme_staff.get(page_of(Endpoint, "replace_secret", endpoint.pk)))

    assert "signs every request with the private key that belongs to it" in page
