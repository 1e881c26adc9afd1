"""From what each round measured to one figure, with how far the rounds lie apart."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Measured = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of all rounds; ``runs`` are in the order in which they were measured."""

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.runs)

    @property
    def lowest(self) -> float:
        """The lowest one."""
        return min(self.runs)

    @property
    def highest(self) -> float:
        """The highest one."""
        return max(self.runs)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of ``values`` that at least ``percent`` of them do not exceed."""
    rank = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(rank, 1) - 1]


def with_ratios(measured: Measured, ratios: Mapping[str, tuple[str, str]]) -> dict[str, float]:
    """Return what one round measured with what follows from it: the first of each two by the second.

    Within one round, so that a slow minute of the machine hits both.
    """
    found = {
        name: measured[upper] / measured[lower]
        for name, (upper, lower) in ratios.items()
        if upper in measured and lower in measured
    }
    return dict(measured) | found


def summarize(rounds: Sequence[Measured]) -> dict[str, Figure]:
    """Return a figure for every key that all rounds have measured."""
    keys = [key for key in rounds[0] if all(key in measured for measured in rounds)]
    return {key: Figure(runs=tuple(measured[key] for measured in rounds)) for key in keys}
