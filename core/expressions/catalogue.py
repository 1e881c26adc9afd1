"""Every function that an expression can call, by name."""

from difflib import get_close_matches
from typing import Final

from core.expressions.forms import FORMS, Form
from core.expressions.functions import FUNCTIONS
from core.expressions.registry import Function

CATALOGUE: Final[dict[str, Form | Function]] = {**FORMS, **FUNCTIONS}


def nearest(name: str) -> str | None:
    """Return the function whose name is most like ``name``, or None if none is like it."""
    by_lower_name = {known.lower(): known for known in CATALOGUE}
    near = get_close_matches(name.lower(), by_lower_name, n=1)
    return by_lower_name[near[0]] if near else None


def signatures() -> list[str]:
    """List all functions as ``name(parameter, …)``, sorted, for editors to show."""
    return sorted(described.signature for described in CATALOGUE.values())
