"""What validation says about data."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.types import Violation
from core.validation.paths import path_text

MAX_VIOLATIONS = 50

TOO_COMPLEX = Violation(
    path="", code="too_complex", message="takes too long to check; send less, or simpler data"
)

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A violation before its place is written out."""

    location: Location
    code: str
    message: str


def violations(findings: Iterable[Finding]) -> tuple[Violation, ...]:
    """Return the first MAX_VIOLATIONS findings by place, without repetitions."""
    ordered = sorted(findings, key=lambda finding: [_order(step) for step in finding.location])
    unique = dict.fromkeys(
        Violation(path=path_text(each.location), code=each.code, message=each.message)
        for each in ordered
    )
    return tuple(unique)[:MAX_VIOLATIONS]


def _order(step: str | int) -> tuple[bool, int, str]:
    """Sort ``items[2]`` before ``items[10]``."""
    return (True, 0, step) if isinstance(step, str) else (False, step, "")
