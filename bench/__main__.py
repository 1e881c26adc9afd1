"""``make bench-delivery``, ``bench-inbound`` and ``bench-scim``: the product beside its like.

Every figure comes from the same run: each round measures everything once, one after the other, so
that what the machine does besides hits all of them. The rounds' medians are what counts.
"""

import argparse
import dataclasses
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bench import databases, deliveries, machine, receptions, report, servers
from bench.errors import BenchError
from bench.figures import Measured, summarize, with_ratios
from bench.processes import ROOT
from bench.scim import suite as directories
from bench.sizes import FULL, QUICK, RECEIVERS, Sizes
from bench.stage import Stage, variables
from bench.suite import Suite

RESULTS = ROOT / "bench" / "results"
# Figures of a quick run mean nothing, so they are not left where they might be quoted.
QUICK_RESULTS = ROOT / "var" / "bench"
INTERRUPTED = 128 + signal.SIGINT
SUITES = {suite.name: suite for suite in (deliveries.SUITE, receptions.SUITE, directories.SUITE)}


def main() -> int:
    """Measure, print the table, write the file; return 0 when everything was delivered."""
    options = _options()
    suite = SUITES[options.suite]
    sizes = QUICK if options.quick else FULL
    if options.rounds:
        sizes = dataclasses.replace(sizes, rounds=options.rounds)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        suite.prepare()
        with _stage(sizes) as stage:
            rounds = [_round(stage, suite, number) for number in range(1, sizes.rounds + 1)]
            described = machine.describe(stage.postgresql.version())
    except BenchError as error:
        sys.stdout.write(f"\n== {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write("\n== interrupted\n")
        return INTERRUPTED
    figures = summarize(rounds)
    sys.stdout.write(f"\n{report.table(figures, suite.labels)}\n")
    target = (QUICK_RESULTS if options.quick else RESULTS) / f"{suite.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    content = report.document(figures, suite.keys, described, sizes) | machine.occasion()
    target.write_text(report.as_json(content), encoding="utf-8")
    sys.stdout.write(f"\n== written to {target.relative_to(ROOT)}\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--rounds", type=int, default=0, help="how often; the median counts")
    parser.add_argument("--quick", action="store_true", help="show in a minute that it works")
    return parser.parse_args()


@contextmanager
def _stage(sizes: Sizes) -> Iterator[Stage]:
    """Set up everything that a run needs; take it away when the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="patchbay-bench-") as name,
        databases.server() as postgresql,
    ):
        folder = Path(name)
        # nginx runs its worker as an account of its own.
        folder.chmod(0o755)
        with servers.nginx(folder, RECEIVERS) as nginx:
            stage = Stage(
                sizes=sizes,
                folder=folder,
                nginx=nginx,
                postgresql=postgresql,
                sqlite=databases.SQLite(folder),
                variables=variables(),
            )
            stage.migrate(stage.postgresql)
            stage.migrate(stage.sqlite)
            yield stage


def _round(stage: Stage, suite: Suite, number: int) -> Measured:
    """Measure everything once."""
    measured: dict[str, float] = {}
    for name, measure in suite.measurements.items():
        started = time.monotonic()
        figures = measure(stage)
        measured |= figures
        seconds = time.monotonic() - started
        found = ", ".join(f"{key} {report.as_text(value)}" for key, value in figures.items())
        sys.stdout.write(
            f"round {number} of {stage.sizes.rounds}, {name} ({seconds:.0f} s): {found}\n"
        )
        sys.stdout.flush()
    return with_ratios(measured, suite.ratios)


def _terminated(number: int, frame: FrameType | None) -> None:
    """Turn a request to end into an exception, so that servers and folders are cleaned up."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
