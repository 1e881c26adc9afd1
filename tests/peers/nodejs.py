"""The packages of npm that receivers verify webhooks with, in one process of Node.js.

``.ci/peers`` installs them under ``.tools/peers``, from the lock file in ``node`` beside this file.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WANTED = Path(__file__).resolve().parent / "node" / "package-lock.json"
INSTALLED = ROOT / ".tools" / "peers"
# Reads a line of JSON for each request, and answers what was said against it, "" if nothing; or
# signs, where there is nothing to look at.
PROGRAM = """
import { createInterface } from "node:readline";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { Webhook as Svix1 } from "svix-1";
import { sign, verify, verifyWithFallback } from "@octokit/webhooks-methods";
import "@shopify/shopify-api/adapters/node";
import { shopifyApi } from "@shopify/shopify-api";

const standard = (Webhook) => ([key], headers, body) => new Webhook(key).verify(body, headers);
const shopify = (key) => shopifyApi({
  apiKey: "key", apiSecretKey: key, hostName: "hub.example", apiVersion: "2025-07",
  isEmbeddedApp: false, logger: { level: 0 },
});
const signers = { octokit: sign };
const verifiers = {
  standardwebhooks: standard(Standard),
  svix: standard(Svix),
  "svix-1": standard(Svix1),
  octokit: async ([key, ...older], signature, body) => {
    const fits = older.length
      ? await verifyWithFallback(key, body, signature, older)
      : await verify(key, body, signature);
    if (!fits) throw new Error("the signature does not fit");
  },
  shopify: async ([key], headers, body) => {
    const rawRequest = { method: "POST", url: "/", headers };
    const { valid, reason } = await shopify(key).webhooks.validate({ rawBody: body, rawRequest });
    if (!valid) throw new Error(reason);
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { library, keys, signed, body } = JSON.parse(line);
  let said = "";
  try {
    const text = Buffer.from(body, "base64").toString();
    if (signed === null) said = await signers[library](keys[0], text);
    else await verifiers[library](keys, signed, text);
  } catch (error) {
    said = error.message || error.name;
  }
  console.log(JSON.stringify(said));
}
"""


class Node:
    """Node.js with the packages loaded."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [program, "--input-type=module", "--eval", PROGRAM],
            cwd=INSTALLED,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def judge(
        self, library: str, keys: list[str], signed: Mapping[str, str] | str, body: bytes
    ) -> str:
        """Return what a library says against a request, "" when it accepts it.

        ``signed`` is what the library is to look at: all the headers, or the value of one.
        """
        return self._ask(library, keys, signed, body)

    def sign(self, library: str, key: str, body: bytes) -> str:
        """Return the signature that a library makes."""
        return self._ask(library, [key], None, body)

    def _ask(
        self, library: str, keys: list[str], signed: Mapping[str, str] | str | None, body: bytes
    ) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        text = base64.b64encode(body).decode()
        question = {"library": library, "keys": keys, "signed": signed, "body": text}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        said: str = json.loads(self._process.stdout.readline())
        return said


@contextmanager
def running() -> Iterator[Node]:
    """Start Node.js; skip the test where it cannot be done, which must not be so in CI."""
    if reason := _missing():
        # What is skipped where everything is installed would never be noticed.
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    program = shutil.which("node")
    assert program is not None
    with Node(program) as node:
        yield node


def _missing() -> str:
    if shutil.which("node") is None:
        return "Node.js is not installed, so the libraries of npm cannot be asked"
    copy = INSTALLED / "package-lock.json"
    complete = (INSTALLED / "node_modules" / ".package-lock.json").exists()
    if not complete or copy.read_bytes() != WANTED.read_bytes():
        return "the libraries of npm are not installed as the lock file has them: run .ci/peers"
    return ""
