"""What the README says about speed is what was measured."""

import json
import re
from pathlib import Path

import pytest

from bench.report import KEYS, as_text

ROOT = Path(__file__).resolve().parent.parent.parent
RESULTS = json.loads((ROOT / "bench" / "results" / "delivery.json").read_text(encoding="utf-8"))
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Speed\n")[2]
QUOTED = re.findall(
    r"^\| `([a-z0-9_.]+)` \| ([0-9.,]+) \|", SECTION.partition("\n## ")[0], re.MULTILINE
)


@pytest.mark.parametrize(("key", "figure"), QUOTED)
def test_figure_of_the_readme_is_the_measured_one(key: str, figure: str) -> None:
    assert figure == as_text(RESULTS[key])


def test_every_figure_of_a_run_is_quoted() -> None:
    assert [key for key, _ in QUOTED] == list(KEYS)


def test_results_name_their_occasion() -> None:
    assert {"machine", "date", "commit"} <= RESULTS.keys()
    assert RESULTS["machine"]["cpu"] in SECTION
