"""The runner of the tests: it says what ran, what did not, and whether all is well."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import suite

ROOT = Path(__file__).resolve().parent.parent.parent
# One process, and no plugin that takes longer to start than the test to run.
LIGHT = ("-n", "0", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
QUICK = ("tests/tools/test_tools_check.py", "-k", "short_enough", *LIGHT)


def closing_lines(printed: str) -> list[str]:
    """Return the last lines of a run, without the time it took."""
    return [
        re.sub(r" in [\d.]+s", "", line) for line in printed.splitlines() if line.startswith("== ")
    ]


@pytest.fixture
def run_suite(tmp_path: Path) -> str:
    """What a run of one quick test on SQLite prints."""
    ended = subprocess.run(
        [sys.executable, "-m", "tools.suite", "sqlite", "--", *QUICK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


def test_run_ends_with_the_count_of_each_database(run_suite: str) -> None:
    assert closing_lines(run_suite) == [
        "== SQLite: running the tests",
        "== SQLite: 1 passed, 4 deselected",
    ]


def test_failed_run_fails(capfd: pytest.CaptureFixture[str]) -> None:
    exit_code = suite.run(["sqlite"], ["tests/nowhere.py", *LIGHT], server=None)

    assert exit_code == 4
    assert closing_lines(capfd.readouterr().out)[-1].startswith("== SQLite: ")


def test_missing_server_is_said_and_fails_only_when_it_was_asked_for_alone(
    capfd: pytest.CaptureFixture[str],
) -> None:
    both = suite.run(["sqlite", "postgresql"], QUICK, server=None)
    alone = suite.run(["postgresql"], QUICK, server=None)

    skipped = (
        "== PostgreSQL: SKIPPED, no PostgreSQL server programs found in /usr/lib/postgresql/*/bin"
        " (Debian: apt-get install postgresql)"
    )
    assert (both, alone) == (0, 1)
    assert closing_lines(capfd.readouterr().out) == [
        "== SQLite: running the tests",
        "== SQLite: 1 passed, 4 deselected",
        skipped,
        skipped,
    ]


def test_only_what_touches_no_database_is_left_out_on_the_next_one() -> None:
    folders = [ROOT / argument.removeprefix("--ignore=") for argument in suite.again([])]

    touching = re.compile(r"django_db|: Tenant\b|db: None|APIClient")
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert all(list(folder.rglob("test_*.py")) for folder in folders)
    assert [file for file in files if touching.search(file.read_text())] == [Path(__file__)]
    assert suite.again(["tests/core/http"]) == ["tests/core/http"]
