"""Event types as people write them: ``order.created``, ``Order created``, ``User updated or deleted``."""

import re

from webhooks.errors import DefinitionError
from webhooks.patterns import PatternError, check_pattern

_SEPARATORS = re.compile(r"\s*(?:[,;]|\band\b|\bor\b)\s*", re.IGNORECASE)
_FILLERS = frozenset(
    {"when", "whenever", "on", "a", "an", "the", "is", "are", "was", "gets", "has", "been", "new"}
)
_EVERYTHING = frozenset({"*", "any event", "all events", "every event"})


def read_trigger(phrase: str, line: int) -> list[str]:
    """Return the patterns that ``phrase`` stands for; raise DefinitionError for none."""
    if phrase.strip().lower() in _EVERYTHING:
        return ["*"]
    found: list[str] = []
    thing = ""
    for part in filter(None, _SEPARATORS.split(phrase.strip())):
        patterns = _patterns(part, thing)
        thing = patterns[-1].rpartition(".")[0]
        found += [pattern for pattern in patterns if pattern not in found]
    if not found:
        raise DefinitionError("The trigger names no event; write one such as order.created", line)
    for pattern in found:
        try:
            check_pattern(pattern)
        except PatternError as error:
            raise DefinitionError(f"The trigger cannot be read: {error}", line) from error
    return found


def _patterns(part: str, thing_before: str) -> list[str]:
    if "." in part or part == "*":
        return [part]
    words = [word for word in part.lower().split() if word not in _FILLERS] or [part.lower()]
    *before, last = words
    thing = "_".join(before) or thing_before
    return [f"{thing}.{verb}" if thing else verb for verb in last.split("/")]
