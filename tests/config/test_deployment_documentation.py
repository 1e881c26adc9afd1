"""docs/deployment.md is true: its settings pass the checks, its first steps and queries run."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from core.models import Tenant
from records.models import Record
from tests.makers import make_key
from tests.once import ON_ONE_DATABASE
from tools import environment
from webhooks.models import Subscription

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    assert found
    return found


def run(words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """The file that somebody has who has done what the page says."""
    kept = {
        name: value
        for name, value in environment.fresh().items()
        if name in {"SECRET_KEY", "ENCRYPTION_KEYS"}
    }
    (added,) = blocks("ini")
    path = tmp_path / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in kept.items()) + added)
    return path


@ON_ONE_DATABASE
def test_settings_pass_every_check_for_deployment(settings_file: Path) -> None:
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    ended = run(words, ENV_FILE=str(settings_file))

    assert ended.returncode == 0, ended.stderr


def test_what_setup_wrote_and_the_page_takes_out_is_all_that_differs() -> None:
    named = set(re.findall(r"\*\*take out\*\* `(\w+)=\w+` and\s+`(\w+)=\w+`", DOCUMENT)[0])

    assert set(environment.fresh()) - named == {"SECRET_KEY", "ENCRYPTION_KEYS"}


def test_units_start_what_is_there() -> None:
    for text in blocks("systemd"):
        unit = configparser.ConfigParser(strict=True, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # names have capitals
        unit.read_string(text)
        words = unit["Service"]["ExecStart"].split()

        assert unit["Service"]["WorkingDirectory"] == "/srv/patchbay"
        assert words[0].removeprefix("/srv/patchbay/.venv/bin/") in {"gunicorn", "python"}
        assert (Path(sys.executable).parent / Path(words[0]).name).exists()
        assert words[1:] in (
            ["manage.py", "worker"],
            ["config.wsgi", "--bind", "127.0.0.1:8000", "--workers", "4", "--threads", "4"],
        )


@pytest.fixture
def bash() -> str:
    found = shutil.which("bash")
    if found is None or shutil.which("curl") is None:
        pytest.skip("needs bash and curl")
    return found


@ON_ONE_DATABASE
def test_first_commands_make_a_tenant_its_people_and_a_key(bash: str, tmp_path: Path) -> None:
    variables = environment.fresh() | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/hub.sqlite3",
        "ENV_FILE": os.devnull,
    }
    commands = blocks("bash")[0].replace(".venv/bin/python", f'"{sys.executable}"')
    assert (
        run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], **variables).returncode
        == 0
    )

    ended = run([bash, "-euo", "pipefail", "-c", commands], **variables)

    assert ended.returncode == 0, ended.stderr
    assert re.findall(
        r"^(password|slug|secret): (?:acme$|\S{20,})", ended.stdout, re.MULTILINE
    ) == [
        "password",
        "slug",
        "password",
        "secret",
    ]


@pytest.mark.django_db(transaction=True)
def test_first_calls_define_a_type_a_subscription_and_a_record(
    bash: str, live_server: LiveServer, tenant: Tenant
) -> None:
    scopes = re.findall(r"--scopes (.+)", DOCUMENT)[0].split()
    key = make_key(tenant, *scopes)

    ended = run([bash, "-euo", "pipefail", "-c", blocks("bash")[1]], URL=live_server.url, KEY=key)

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert '"secret":"whsec_' in ended.stdout
    assert Subscription.objects.get().url == "https://warehouse.example/hooks/orders"
    assert Record.objects.get().key == "A-1"


@pytest.mark.django_db
@pytest.mark.parametrize("query", blocks("sql"))
def test_queries_name_what_is_there(query: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the page's queries are for PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute(query)

        assert cursor.description is None or len(cursor.fetchall()) > 0
