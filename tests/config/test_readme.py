"""What the README says is so: its paths, commands, links, dependencies and example."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")
URL_PATH = re.compile(r"(?:`|\$URL|POST |GET )(/(?:api|oauth|admin|health)/[\w/.-]*)")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
COMMAND = re.compile(r"\bmanage\.py (\w+)((?: --?[\w-]+)*)")
MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


def test_every_path_is_served() -> None:
    paths = sorted(set(URL_PATH.findall(README)))

    assert paths == [
        "/admin/",
        "/api/v1/",
        "/api/v1/docs",
        "/api/v1/records/order",
        "/health/live",
        "/health/ready",
        "/oauth/token",
    ]
    for path in paths:
        if path != "/api/v1/":  # what stands in front of every path of the API
            resolve(path)


def test_every_command_exists() -> None:
    known = get_commands()

    named = {name for name, _ in COMMAND.findall(README)}

    assert sorted(named - set(known)) == []
    assert {"create_tenant", "create_api_key", "create_api_client", "create_staff"} <= named
    for name in named:
        assert load_command_class(known[name], name).help


def test_every_operators_command_can_print_json() -> None:
    known = get_commands()
    commands = ("create_tenant", "create_api_key", "create_api_client", "create_staff")

    for name in (*commands, "rotate_encryption_key", "receive"):
        command = load_command_class(known[name], name)
        assert "--json" in command.create_parser("manage.py", name).format_help()


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    named = set(MAKE.findall(README))

    daily = {"check", "demo", "demo-once", "help", "run", "setup", "test"}
    assert named == {*daily, "bench-delivery", "bench-inbound", "bench-scim"}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]}

    section = README.partition("## Dependencies")[2].partition("\n## ")[0]
    named = re.findall(r"^\| ([a-z0-9, -]+) \|", section, re.MULTILINE)

    explained = {name for cell in named for name in cell.split(", ")} - {"package"}
    assert explained == needed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    folders = "config|core|records|webhooks|monitoring|tools|tests"
    names = re.findall(rf"`((?:{folders})/[\w/.-]+)`", page.read_text(encoding="utf-8"))

    assert [name for name in names if not (ROOT / name).exists()] == []
