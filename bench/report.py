"""What a run found out: a table for people, and JSON for whoever quotes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bench.figures import Figure
from bench.sizes import Sizes

# What the JSON file holds, by name; the README quotes these.
KEYS = (
    "postgresql.deliveries_per_s",
    "sqlite.deliveries_per_s",
    "bare.requests_per_s",
    "celery.deliveries_per_s",
    "django_webhook.deliveries_per_s",
    "ratio.bare",
    "ratio.celery",
    "idle_ms.p50",
    "idle_ms.p95",
    "fanout10.deliveries_per_s",
    "mixed.healthy_share",
    "mixed.healthy_p95_ms",
    "memory_mb",
)
# What a reader of the table may want to know besides.
FURTHER_KEYS = (
    "postgresql.dispatched_per_s",
    "ratio.django_webhook",
    "sqlite_idle_ms.p50",
    "sqlite_idle_ms.p95",
    "mixed.alone_deliveries_per_s",
    "mixed.healthy_deliveries_per_s",
    "mixed.healthy_p50_ms",
    "mixed.events_per_s",
)
LABELS = {
    "postgresql.deliveries_per_s": "PostgreSQL, deliveries/s",
    "sqlite.deliveries_per_s": "SQLite, deliveries/s",
    "fanout10.deliveries_per_s": "PostgreSQL, fan-out 10, deliveries/s",
    "postgresql.dispatched_per_s": "PostgreSQL, events handed out/s",
    "bare.requests_per_s": "bare client, no database, requests/s",
    "celery.deliveries_per_s": "Celery task per delivery, deliveries/s",
    "django_webhook.deliveries_per_s": "django-webhook, deliveries/s",
    "ratio.bare": "PostgreSQL / bare client",
    "ratio.celery": "PostgreSQL / Celery",
    "ratio.django_webhook": "PostgreSQL / django-webhook",
    "idle_ms.p50": "idle, commit to request, p50 ms",
    "idle_ms.p95": "idle, commit to request, p95 ms",
    "sqlite_idle_ms.p50": "idle on SQLite, p50 ms",
    "sqlite_idle_ms.p95": "idle on SQLite, p95 ms",
    "mixed.alone_deliveries_per_s": "80 healthy alone, deliveries/s",
    "mixed.healthy_deliveries_per_s": "80 healthy + 10 slow + 10 refusing, healthy/s",
    "mixed.healthy_share": "what the healthy keep of their speed",
    "mixed.events_per_s": "mixed, live, events/s",
    "mixed.healthy_p50_ms": "mixed, live, healthy, p50 ms",
    "mixed.healthy_p95_ms": "mixed, live, healthy, p95 ms",
    "memory_mb": "memory of a sending process at its peak, MB",
}
LABEL_WIDTH = max(map(len, LABELS.values()))


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


def table(figures: Mapping[str, Figure]) -> str:
    """Return one line for each figure: the median of the rounds, and the lowest and highest."""
    lines = [f"{'':{LABEL_WIDTH}}  {'median':>9}  {'lowest':>9}  {'highest':>9}"]
    for key in (key for key in LABELS if key in figures):
        figure = figures[key]
        cells = map(as_text, (figure.median, figure.lowest, figure.highest))
        lines.append("  ".join([f"{LABELS[key]:{LABEL_WIDTH}}", *(f"{cell:>9}" for cell in cells)]))
    return "\n".join(lines)


def document(
    figures: Mapping[str, Figure], machine: Mapping[str, Any], sizes: Sizes
) -> dict[str, Any]:
    """Return what the JSON file holds: the medians by name, then what they rest on."""
    medians = {
        key: as_number(figures[key].median) for key in (*KEYS, *FURTHER_KEYS) if key in figures
    }
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
