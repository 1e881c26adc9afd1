"""What a run found out: a table for people, and JSON for whoever quotes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.figures import Figure
from bench.sizes import Sizes


def as_number(value: float) -> float:
    """Return ``value`` with no more digits than it deserves: four of them, or all before the point."""
    if abs(value) >= 1_000:
        return float(round(value))
    return float(f"{value:.4g}")


def as_text(value: float) -> str:
    """Return a figure as the table shows it."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(figures: Mapping[str, Figure], labels: Mapping[str, str]) -> str:
    """Return one line for each figure: the median of the rounds, and the lowest and highest."""
    width = max(map(len, labels.values()))
    lines = [f"{'':{width}}  {'median':>9}  {'lowest':>9}  {'highest':>9}"]
    for key in (key for key in labels if key in figures):
        figure = figures[key]
        cells = map(as_text, (figure.median, figure.lowest, figure.highest))
        lines.append("  ".join([f"{labels[key]:{width}}", *(f"{cell:>9}" for cell in cells)]))
    return "\n".join(lines)


def document(
    figures: Mapping[str, Figure],
    keys: Sequence[str],
    machine: Mapping[str, Any],
    sizes: Sizes,
) -> dict[str, Any]:
    """Return what the JSON file holds: the medians by name, ``keys`` first, then what they rest on."""
    order = [*keys, *(key for key in figures if key not in keys)]
    medians = {key: as_number(figures[key].median) for key in order if key in figures}
    spread = {
        key: {
            "median": as_number(figure.median),
            "lowest": as_number(figure.lowest),
            "highest": as_number(figure.highest),
            "runs": [as_number(run) for run in figure.runs],
        }
        for key, figure in figures.items()
    }
    return medians | {"machine": dict(machine), "sizes": asdict(sizes), "runs": spread}


def as_json(content: Mapping[str, Any]) -> str:
    """Return a document as the file that is committed."""
    return json.dumps(content, indent=2) + "\n"
