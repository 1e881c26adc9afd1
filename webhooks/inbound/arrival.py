"""A request as it has arrived at an endpoint's URL, and why it was believed. No ORM."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from core.types import Json
from webhooks.inbound import contents, selectors
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.inbound.selectors import NO_KEY, Selector
from webhooks.redaction import MASK, Redactor, sensitive

MAX_KEY_CHARACTERS = 200

_selector = lru_cache(maxsize=1_024)(selectors.parse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request to ``/in/<tenant>/<path>``; ``ip_address`` is that of the sender, if it has one."""

    tenant: str
    path: str
    query: str
    incoming: Incoming
    ip_address: str | None


@dataclass(slots=True)
class Trace:
    """What was found on the way, in sentences for people."""

    lines: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)


def key_of(text: str, incoming: Incoming) -> tuple[str | None, str]:
    """Return what tells a repeat of this request, and a sentence about it; None when nothing does.

    ``text`` is a selector.
    """
    selector = None if text == NO_KEY else _selector(text)
    if selector is None:
        return None, "No message key is set, so a repeat cannot be told"
    found = _find(selector, incoming)
    if found is None:
        return None, f"There is no {text}, so a repeat cannot be told"
    return _storable(found), f"Repeats are told by {text}"


def type_of(text: str, incoming: Incoming) -> str | None:
    """Return what the sender calls this kind of event, if it stands where the selector ``text`` says."""
    selector = _selector(text)
    return None if selector is None else _find(selector, incoming)


def _find(selector: Selector, incoming: Incoming) -> str | None:
    return selector.find(incoming.headers, incoming.body, _reader(incoming))


def _reader(incoming: Incoming) -> Callable[[], Json]:
    return lambda: contents.read(incoming.headers, incoming.body).value


def _storable(key: str) -> str:
    """Return a key as a column can hold it: what is too long, or odd, by its digest."""
    if len(key) <= MAX_KEY_CHARACTERS and key.isprintable():
        return key
    whole = Selector(digest=True).find({}, key.encode("utf-8", "surrogatepass"), dict)
    return str(whole)


def redacted_headers(incoming: Incoming, redactor: Redactor) -> list[list[str]]:
    """Return the headers as they may be kept: secrets and what is likely to be one blotted out."""
    return [
        [name, MASK if sensitive(name) else redactor.text(value)]
        for name, value in incoming.headers.items()
    ]
