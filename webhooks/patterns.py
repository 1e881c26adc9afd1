"""Event types and the patterns by which subscriptions choose them.

A type is words joined by dots, ``order.created``. A pattern is a type in which ``*`` stands for
words: as the last word for one or more (``order.*`` takes ``order.created`` and
``order.item.added``), elsewhere for exactly one (``order.*.failed``). ``*`` alone takes every type.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from core import event_names


class PatternError(ValueError):
    """Not a pattern of event types; the message says what to write instead."""


def check_pattern(pattern: str) -> None:
    """Raise PatternError unless ``pattern`` is an event type, "*", or a type with "*" for words."""
    if len(pattern) > event_names.MAX_CHARACTERS:
        raise PatternError(
            f"A pattern has at most {event_names.MAX_CHARACTERS} characters, not {len(pattern)}"
        )
    words = pattern.split(".")
    for word in words:
        if not word:
            raise PatternError(f'"{pattern}" has an empty word; write one word between two dots')
        if "*" in word and word != "*":
            raise PatternError(
                f'"{pattern}" mixes "*" with letters; "*" stands for whole words, as in order.*'
            )
        if word != "*" and not event_names.is_word(word):
            raise PatternError(
                f'"{word}" in "{pattern}" is not a word of lower-case letters, digits and "_"'
            )
    if words[0] != "*" and not event_names.is_first_word(words[0]):
        raise PatternError(f'"{pattern}" matches nothing: an event type starts with a letter')
    if len(words) == 1 and pattern != "*":
        raise PatternError(
            f'"{pattern}" matches nothing: write "{pattern}.*" for all its events, or "*" for all'
        )


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether any of the ``patterns`` takes ``event_type``; one that is no pattern takes nothing."""
    return any(pattern == event_type or _takes(pattern, event_type) for pattern in patterns)


def choose(patterns: Collection[str], event_types: Collection[str]) -> list[str]:
    """Return those of the ``event_types`` that any of the ``patterns`` takes."""
    if any("*" in pattern for pattern in patterns):
        return [event_type for event_type in event_types if matches(patterns, event_type)]
    return [pattern for pattern in dict.fromkeys(patterns) if pattern in event_types]


def _takes(pattern: str, event_type: str) -> bool:
    if "*" not in pattern:
        return False
    expression = _compiled(pattern)
    return expression is not None and expression.fullmatch(event_type) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Turn a pattern into an expression without nested repetition, so matching stays linear."""
    try:
        check_pattern(pattern)
    except PatternError:
        return None
    *before, last = [r"[^.]+" if word == "*" else re.escape(word) for word in pattern.split(".")]
    if pattern.endswith("*"):
        last = r"[^.].*"
    return re.compile(r"\.".join((*before, last)), re.DOTALL)
