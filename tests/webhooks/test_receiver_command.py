"""``manage.py receive``, as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command
from standardwebhooks import Webhook

from tests.once import ON_ONE_DATABASE
from tests.subscriptions import SECRET
from webhooks.receiver import Receiver

pytestmark = ON_ONE_DATABASE

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60


@contextmanager
def receiving(
    *options: str, encoding: str = "utf-8"
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the command; yield it with the URL that it says it receives at."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "receive", "--port", "0", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        words = process.stderr.readline().decode().split()
        assert words[:2] == ["Receiving", "at"]
        yield process, words[2]
    finally:
        process.kill()
        process.communicate()


def send(url: str, body: bytes, secret: str = SECRET) -> None:
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }
    assert requests.post(f"{url}/hook", data=body, headers=headers, timeout=10).status_code == 204


def output_of(process: subprocess.Popen[bytes]) -> bytes:
    """Return what the command printed until it ended by itself."""
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (0, b"")
    return output


def test_requests_are_printed_and_verified_until_the_count_is_reached() -> None:
    other_secret = "whsec_" + "Qk" * 16

    with receiving("--secret", SECRET, "--count", "3") as (process, url):
        send(url, b'{"city": "K\xc3\xb6ln"}')
        send(url, b"{}", secret=other_secret)
        requests.post(url, data=b"\x1b[2J\xff", timeout=10)
        text = output_of(process).decode()

    first, second, third = text.split("POST /")[1:]
    assert '"city": "Köln"' in first
    assert first.endswith("✓ signature verified\n\n")
    assert second.endswith("✗ signature refused: No signature matches any of the keys\n\n")
    assert "\\x1b[2J" in third
    assert third.endswith("✗ signature refused: The timestamp is not a number of Unix seconds\n\n")


def test_json_is_one_object_a_line() -> None:
    with receiving("--secret", SECRET, "--count", "2", "--json") as (process, url):
        send(url, b'{"a": "\xe2\x98\x83"}')
        requests.put(f"{url}/x?y=z", data=b"[" * 10_000, timeout=10)
        lines = [json.loads(line) for line in output_of(process).splitlines()]

    assert [(line["method"], line["path"]) for line in lines] == [
        ("POST", "/hook"),
        ("PUT", "/x?y=z"),
    ]
    assert [line["body"] for line in lines] == ['{"a": "☃"}', "[" * 10_000]
    assert [line["verified"] for line in lines] == [True, False]
    assert [line["reason"] for line in lines] == [
        "",
        "The timestamp is not a number of Unix seconds",
    ]
    assert lines[0]["headers"]["webhook-id"] == "msg_1"


def test_terminal_without_unicode_gets_escapes() -> None:
    with receiving("--count", "1", encoding="ascii") as (process, url):
        send(url, b'{"a": "\xe2\x98\x83"}')
        text = output_of(process).decode("ascii")

    assert '"a": "\\u2603"' in text
    assert text.endswith("\\u2014 not verified: give --secret to check\n\n")


def test_request_is_printed_as_soon_as_it_arrives() -> None:
    with receiving() as (process, url):
        send(url, b"{}")
        assert process.stdout is not None
        first_line = process.stdout.readline()

    assert first_line == b"POST /hook\n"


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("status", 199, "--status must be from 200 to 599."),
        ("status", 600, "--status must be from 200 to 599."),
        ("port", -1, "--port must be from 0 to 65535."),
        ("port", 65_536, "--port must be from 0 to 65535."),
        ("count", -1, "--count must be 1 or more; leave it out to receive until stopped."),
        ("secret", "whsec_?", "--secret cannot be used: What follows whsec_ is not valid base64."),
    ],
)
def test_option_that_cannot_be_is_refused(option: str, value: object, sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("receive", **{option: value})

    assert str(refusal.value) == sentence


def test_port_in_use_is_refused() -> None:
    with Receiver() as receiver:
        port = int(receiver.url.rpartition(":")[2])

        with pytest.raises(CommandError, match=f"^Port {port} cannot be used: .*in use"):
            call_command("receive", port=port)
