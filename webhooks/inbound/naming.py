"""The names of the events that messages become: ``inbound.<slug>.<type>``. Pure."""

import re

from core import event_names

PREFIX = "inbound"
DEFAULT = "received"

# What senders put between the words of a name: orders/create, pull_request:opened.
_SEPARATORS = re.compile(r"[/:.\s]+")
_OTHERS = re.compile(r"[^a-z0-9_]+")
# IssueCreated is two words.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def event_type(slug: str, text: str | None) -> str:
    """Return the type of the event that a sender calls ``text``; any text gives one."""
    words = [_word(word) for word in _SEPARATORS.split((text or "")[: event_names.MAX_CHARACTERS])]
    name = ".".join([PREFIX, slug, *(filter(None, words))])
    if name.count(".") > 1 and event_names.is_name(name):
        return name
    return f"{PREFIX}.{slug}.{DEFAULT}"


def _word(text: str) -> str:
    return _OTHERS.sub("_", _HUMP.sub("_", text).lower()).strip("_")
