"""A suite: measurements that are taken side by side, and what is made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Measured
from bench.stage import Stage

Measurement = Callable[[Stage], Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What ``make bench-<name>`` measures.

    ``keys`` are the figures that the README quotes, ``labels`` all of them in the order of the table.
    ``ratios`` name what is divided by what. ``prepare`` is called once, before anything is started.
    """

    name: str
    measurements: Mapping[str, Measurement]
    keys: Sequence[str]
    labels: Mapping[str, str]
    ratios: Mapping[str, tuple[str, str]]
    prepare: Callable[[], None] = lambda: None
