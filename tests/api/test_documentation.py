"""docs/api.md is true: its examples run and answer what it shows, its tables are complete."""

import ast
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from core import events, services
from core.models import Tenant
from tests.makers import SCOPES, make_actor, make_key

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(bash|json|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
APPS = ("config", "core", "monitoring", "records", "webhooks")
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
END = "-- end of block --"
ANY = "…"


class Shell:
    """One shell that runs block after block, as a reader would."""

    def __init__(self, **variables: str) -> None:
        self.process = subprocess.Popen(
            ["bash", "-uo", "pipefail"],
            env={"PATH": os.environ["PATH"], **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, block: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{block}\nprintf '\\n%s\\n' '{END}'\n")
        self.process.stdin.flush()
        lines = iter(self.process.stdout.readline, "")
        printed = []
        for line in lines:
            if line.rstrip("\n") == END:
                break
            printed.append(line)
        return "".join(printed).strip()

    def close(self) -> None:
        self.process.communicate("exit\n", timeout=10)


def examples(document: str) -> Iterator[tuple[str, str, str]]:
    """Yield each command of a document with the kind and text of what it shows as the answer."""
    blocks = BLOCK.findall(document)
    for place, (kind, text) in enumerate(blocks):
        shown = blocks[place + 1] if place + 1 < len(blocks) else ("bash", "")
        if kind == "bash":
            yield (text, *(shown if shown[0] != "bash" else ("", "")))


def fits(shown: Any, answered: Any) -> bool:
    """Say whether an answer is what is shown, in which … stands for anything."""
    if isinstance(shown, str) and ANY in shown:
        pattern = ".*".join(re.escape(part) for part in shown.split(ANY))
        return isinstance(answered, str) and re.fullmatch(pattern, answered) is not None
    if isinstance(shown, dict):
        named = {name: value for name, value in shown.items() if name != ANY}
        same = set(named) <= set(answered) if ANY in shown else set(named) == set(answered)
        return same and all(fits(value, answered[name]) for name, value in named.items())
    if isinstance(shown, list):
        if ANY in shown:
            return all(
                fits(*pair) for pair in zip(shown[: shown.index(ANY)], answered, strict=False)
            )
        return len(shown) == len(answered) and all(map(fits, shown, answered))
    return bool(shown == answered)


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl"
)
@pytest.mark.django_db(transaction=True)
def test_examples_answer_what_they_show(live_server: LiveServer, tenant: Tenant) -> None:
    client = services.create_api_client(tenant, name="Shop", scopes=SCOPES, actor=make_actor())
    shell = Shell(
        URL=live_server.url,
        KEY=make_key(tenant),
        CLIENT=client.client.client_id,
        SECRET=client.secret,
    )
    try:
        for command, kind, shown in examples(DOCUMENT):
            printed = shell.run(command)
            events.dispatch()

            if kind == "json":
                assert fits(json.loads(shown), json.loads(printed)), f"{command}\n{printed}"
            else:
                assert fits(shown.strip(), printed.replace("\r", "")), f"{command}\n{printed}"
    finally:
        shell.close()


def rows(heading: str, document: str = DOCUMENT, table: int = 0) -> list[list[str]]:
    """Return the cells of a table under a heading, counted from 0, without its first two lines."""
    section = document.partition(f"# {heading}\n")[2].partition("\n#")[0]
    tables = re.findall(r"(?:^\|.*\n?)+", section, re.MULTILINE)
    lines = tables[table].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_table_of_scopes_is_that_of_the_settings() -> None:
    table = {scope.strip("`"): words for scope, words in rows("Scopes")}

    assert table == settings.API_SCOPES


def codes_in(tree: ast.Module) -> Iterator[str]:
    """Yield every error code that a module answers with."""
    for node in ast.walk(tree):
        found: list[Any] = []
        match node:
            case ast.keyword(arg="error", value=value):
                found = [value]
            case ast.Assign(targets=[ast.Name(id="error")], value=value):
                found = [value]
            case ast.Call(func=ast.Name(id="error_response" | "error_body"), args=arguments):
                found = arguments
            case ast.AnnAssign(target=ast.Name(id="CODES"), value=ast.Dict(values=values)):
                found = values
        for value in found:
            if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value)):
                yield str(value.value)


def test_table_of_errors_has_every_code_of_the_source() -> None:
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py")]

    in_source = {code for path in modules for code in codes_in(ast.parse(path.read_text()))}

    assert {code.strip("`") for _, code, _ in rows("Errors")} == in_source
