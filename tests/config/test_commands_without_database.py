"""A command that finds no usable database ends with a sentence that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.once import ON_ONE_DATABASE
from tools import environment

pytestmark = ON_ONE_DATABASE

ROOT = Path(__file__).resolve().parent.parent.parent
NO_TABLES = "The database has no tables yet, or those of another version. Run: manage.py migrate\n"


def run_manage(database_url: str, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.defpath, "ENV_FILE": os.devnull, "DATABASE_URL": database_url}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment.fresh() | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [("create_tenant", "acme"), ("worker",)], ids=" ".join)
def test_command_before_the_first_migration_says_to_migrate(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    ended = run_manage(f"sqlite:///{tmp_path}/empty.sqlite3", *words)

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", NO_TABLES)


@pytest.mark.parametrize(
    ("database_url", "place", "reason"),
    [
        ("sqlite:////nowhere/hub.sqlite3", "/nowhere/hub.sqlite3", "unable to open database file"),
        ("postgres://hub:canary@127.0.0.1:1/hub", "127.0.0.1", "Connection refused"),
    ],
)
@pytest.mark.parametrize("words", [("migrate",), ("create_tenant", "acme")], ids=" ".join)
def test_command_whose_database_is_away_says_which_and_why(
    words: tuple[str, ...], database_url: str, place: str, reason: str
) -> None:
    ended = run_manage(database_url, *words)

    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"The database at {place} cannot be used; see DATABASE_URL. It says: "
    )
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "canary" not in ended.stderr
