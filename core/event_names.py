"""What may name an event: words joined by dots, the thing first and then what happened to it.

A word is made of lower-case letters, digits and ``_``. A name has two or more of them, starts with
a letter, and has at most MAX_CHARACTERS: ``order.created``.
"""

import re

MAX_CHARACTERS = 100

_WORD = "[a-z0-9_]+"
_FIRST_WORD = f"(?=[a-z]){_WORD}"
_NAME = rf"{_FIRST_WORD}(?:\.{_WORD})+"


def is_word(text: str) -> bool:
    """Whether ``text`` may stand between the dots of a name."""
    return re.fullmatch(_WORD, text) is not None


def is_first_word(text: str) -> bool:
    """Whether ``text`` may be what a name starts with."""
    return re.fullmatch(_FIRST_WORD, text) is not None


def is_name(text: str) -> bool:
    """Whether ``text`` may name an event."""
    return len(text) <= MAX_CHARACTERS and re.fullmatch(_NAME, text) is not None
