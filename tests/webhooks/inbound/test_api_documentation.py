"""docs/inbound-webhooks.md is true: its commands answer what they show, its tables are complete."""

import ast
import json
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from core import events
from core.models import Tenant
from tests.api.test_documentation import Shell, examples, fits, rows
from tests.makers import make_key
from webhooks import event_types
from webhooks.definitions.endpoint_words import EndpointWords
from webhooks.inbound import processing
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import Option
from webhooks.types import EndpointFields

ROOT = Path(__file__).resolve().parent.parent.parent.parent
DOCUMENT = (ROOT / "docs" / "inbound-webhooks.md").read_text(encoding="utf-8")
SCOPES = ("webhooks:read", "webhooks:write", "events:read")


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="needs bash, curl and openssl"
)
@pytest.mark.django_db(transaction=True)
def test_commands_answer_what_they_show(live_server: LiveServer, tenant: Tenant) -> None:
    shell = Shell(URL=live_server.url, KEY=make_key(tenant, *SCOPES))
    try:
        for command, kind, shown in examples(DOCUMENT):
            printed = shell.run(command)
            processing.process()
            events.dispatch()

            if kind == "json":
                assert fits(json.loads(shown), json.loads(printed)), f"{command}\n{printed}"
            else:
                assert fits(shown.strip(), printed), f"{command}\n{printed}"
    finally:
        shell.close()


def cells(heading: str, table: int = 0) -> list[list[str]]:
    """Return the cells of a table under a heading, without quotes of code."""
    return [[cell.strip("`") for cell in row] for row in rows(heading, DOCUMENT, table)]


def test_table_of_schemes_is_that_of_the_source() -> None:
    usual = [
        [
            scheme.name,
            scheme.label,
            "you" if scheme.secret_is_ours else "the sender",
            f"{scheme.tolerance.total_seconds():.0f} s"
            if scheme.tolerance
            else "no time is signed",
            scheme.message_key or "none",
            scheme.event_type or "none",
            ", ".join(map(option_cell, scheme.options)).strip("`") or "none",
        ]
        for scheme in SCHEMES.values()
    ]

    assert cells("Schemes") == usual


def option_cell(option: Option) -> str:
    return f"`{option.name}`{' (required)' if option.required else ''}"


def test_table_of_the_options_of_any_hmac_is_that_of_the_source() -> None:
    usual = {option.name: option.default for option in SCHEMES["hmac"].options}

    assert {name: default for name, _, default in cells("Schemes", 1)} == usual


def named(column: list[str]) -> set[str]:
    return {name.strip("` ") for cell in column for name in cell.split(",")}


def test_table_of_fields_has_all_but_those_that_say_nothing() -> None:
    table = named([row[0] for row in rows("What an endpoint can demand and say", DOCUMENT)])

    assert table == set(EndpointFields.__annotations__) - {"name", "description"}


def test_table_of_the_data_of_events_is_that_of_their_schema() -> None:
    table = named([row[0] for row in rows("The events", DOCUMENT)])
    formats = [row[0] for row in cells("The events", 1)]

    schema: Any = event_types.RECEIVED_SCHEMA
    assert table == set(schema["required"])
    assert formats == schema["properties"]["format"]["enum"]


def test_table_of_the_words_of_others_is_complete() -> None:
    words = [row[0] for row in cells("As other services describe it")]

    assert sorted([*words, "name"]) == sorted(each.name for each in fields(EndpointWords))


def reasons_in(tree: ast.Module) -> Iterator[str]:
    """Yield every reason for which a module refuses requests."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="RefusalError") | ast.Attribute(attr="__init__"),
                args=[ast.Constant(value=str(code)), *_],
            ):
                yield code


def test_table_of_reasons_has_every_one_of_the_source() -> None:
    modules = (ROOT / "webhooks" / "inbound").rglob("*.py")
    in_source = {code for path in modules for code in reasons_in(ast.parse(path.read_text()))}

    assert {row[0] for row in cells("Refusals")} == in_source
