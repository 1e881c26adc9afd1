"""docs/verifying-webhooks.md is true: its code accepts what the product signed, and nothing else."""

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.models import Tenant
from tests.makers import make_actor
from tests.sinks import Sink
from tests.sinks import sink as sink  # noqa: PLC0414  # a fixture
from tests.subscriptions import SECRET, make_delivery, make_subscription
from webhooks import delivery as delivering
from webhooks import services, signing
from webhooks.services import Saved

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "verifying-webhooks.md"
DOCUMENT = PAGE.read_text(encoding="utf-8")
OTHER_SECRET = signing.new_secret()
TEXT_SECRET = "a secret of the receiver's own"
# Each reads a list of [function, key, headers or header, body in base64], and prints a list of what
# was said against each, "" where it was accepted.
PYTHON_HARNESS = """
import json, sys
said = []
for name, key, headers, body in json.load(sys.stdin):
    try:
        globals()[name](key, headers, base64.b64decode(body))
        said.append("")
    except ValueError as error:
        said.append(str(error))
print(json.dumps(said))
"""
NODE_HARNESS = """
const names = { verify, verify_public: verifyPublic, verify_body: verifyBody };
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(given.map(([name, key, headers, body]) => {
  try { names[name](key, headers, Buffer.from(body, "base64")); return ""; }
  catch (error) { return error.message; }
})));
"""
PHP_HARNESS = """
$said = [];
foreach (json_decode(stream_get_contents(STDIN), true) as [$name, $key, $headers, $body]) {
    try { $name($key, $headers, base64_decode($body)); $said[] = ''; }
    catch (UnexpectedValueException $error) { $said[] = $error->getMessage(); }
}
echo json_encode($said);
"""
Case = tuple[str, str, Mapping[str, str] | str, bytes]


def code(language: str) -> str:
    """Return the code of one language, all blocks of it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    assert blocks
    return "\n".join(blocks)


def command(language: str) -> list[str]:
    match language:
        case "python":
            return [sys.executable, "-c", code(language) + PYTHON_HARNESS]
        case "javascript":
            return [program("node"), "-e", code(language) + NODE_HARNESS]
        case _:
            return [program("php"), "-r", code(language) + PHP_HARNESS]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed, so its example cannot be run")
    return found


def judge(language: str, cases: list[Case]) -> list[str]:
    """Return what the page's code says against each request, "" for those it accepts."""
    given = [[*case[:3], base64.b64encode(case[3]).decode()] for case in cases]
    ended = subprocess.run(
        command(language),
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    said: list[str] = json.loads(ended.stdout)
    return said


def signed_twice(tenant: Tenant, sink: Sink) -> Saved:
    """Return a subscription with a secret, which is SECRET, and a pair of keys."""
    return services.create_subscription(
        tenant,
        {
            "name": "Signed twice",
            "event_types": ["order.*"],
            "url": sink.url,
            "signature_scheme": "both",
        },
        actor=make_actor(),
        secret=SECRET,
    )


LANGUAGES = pytest.mark.parametrize("language", ["python", "javascript", "php"])


@LANGUAGES
def test_code_accepts_every_signature_of_the_product(
    language: str, tenant: Tenant, sink: Sink
) -> None:
    saved = signed_twice(tenant, sink)
    _, pair = saved.secrets
    new, new_pair = services.rotate_secret(saved.subscription, actor=make_actor())
    make_delivery(saved.subscription)
    make_delivery(make_subscription(tenant, sink.url, secret=TEXT_SECRET))
    delivering.drain()
    requests = {("v1a" in seen.headers["webhook-signature"]): seen for seen in sink.requests}
    both, text = requests[True], requests[False]
    public = [pair.public_key, new_pair.public_key]

    said = judge(
        language,
        [
            *(("verify", each, both.headers, both.body) for each in (SECRET, new.secret)),
            *(("verify_public", each, both.headers, both.body) for each in public),
            ("verify", TEXT_SECRET, text.headers, text.body),
            ("verify_body", SECRET, both.headers["x-signature-256"], both.body),
        ],
    )

    assert said == [""] * 6


@LANGUAGES
def test_code_refuses_what_is_forged_changed_or_old(
    language: str, tenant: Tenant, sink: Sink
) -> None:
    saved = signed_twice(tenant, sink)
    _, pair = saved.secrets
    make_delivery(saved.subscription)
    delivering.drain()
    (seen,) = sink.requests
    headers, body = dict(seen.headers), seen.body
    sent_at = int(headers["webhook-timestamp"])
    late = {**headers, "webhook-timestamp": str(sent_at - 400)}
    late["webhook-signature"] = signing.sign_v1(SECRET, headers["webhook-id"], sent_at - 400, body)
    garbled = {**headers, "webhook-signature": "v1 v1, v2,YQ== v1a, v1a,YQ== ,"}
    renamed = {**headers, "webhook-id": "dlv_another"}
    keys = {"verify": SECRET, "verify_public": pair.public_key}

    said = judge(
        language,
        [
            *((name, key, each, body) for name, key in keys.items() for each in (garbled, renamed)),
            *((name, key, headers, body + b" ") for name, key in keys.items()),
            ("verify", OTHER_SECRET, headers, body),
            ("verify_public", signing.new_key_pair()[1], headers, body),
            ("verify_body", OTHER_SECRET, headers["x-signature-256"], body),
            ("verify_body", SECRET, headers["x-signature-256"], body + b" "),
            ("verify", SECRET, late, body),
            *((name, key, {}, body) for name, key in keys.items()),
        ],
    )

    no_secret, no_public = "no signature fits the secret", "no signature fits the public key"
    assert said[:10] == [
        *(no_secret, no_secret, no_public, no_public, no_secret, no_public),
        *(no_secret, no_public),
        *("the signature does not fit the secret",) * 2,
    ]
    assert said[10] == "the timestamp is too far from now"
    assert [bool(each) for each in said[11:]] == [True, True]
