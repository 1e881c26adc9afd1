"""What the README says about speed is what was measured."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import SUITES
from bench.report import as_text

ROOT = Path(__file__).resolve().parent.parent.parent
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Speed\n")[2]
QUOTED = re.findall(
    r"^\| `([a-z0-9_.]+)` \| ([0-9.,]+) \|", SECTION.partition("\n## ")[0], re.MULTILINE
)


def results_of(suite: str) -> dict[str, Any]:
    """Return what the last run of a suite has measured."""
    path = ROOT / "bench" / "results" / f"{suite}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


RESULTS = {key: value for suite in SUITES for key, value in results_of(suite).items()}


@pytest.mark.parametrize(("key", "figure"), QUOTED)
def test_figure_of_the_readme_is_the_measured_one(key: str, figure: str) -> None:
    assert figure == as_text(RESULTS[key])


def test_every_figure_of_a_run_is_quoted() -> None:
    assert [key for key, _ in QUOTED] == [key for suite in SUITES.values() for key in suite.keys]


@pytest.mark.parametrize("suite", SUITES)
def test_results_name_their_occasion(suite: str) -> None:
    results = results_of(suite)

    assert {"machine", "date", "commit"} <= results.keys()
    assert results["machine"]["cpu"] in SECTION
