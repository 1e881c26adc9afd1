"""A request as it has arrived at an endpoint's URL, and why it was believed. No ORM."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_plus

from core.types import Json
from webhooks.inbound import contents, selectors
from webhooks.inbound.schemes.scheme import Incoming
from webhooks.inbound.selectors import NO_KEY, Selector
from webhooks.redaction import MASK, Redactor, sensitive

MAX_KEY_CHARACTERS = 200

_selector = lru_cache(maxsize=1_024)(selectors.parse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request to ``/in/<tenant>/<path>``; ``ip_address`` is that of the sender, if it has one.

    ``sample`` says that it was made here, to try the endpoint.
    """

    tenant: str
    path: str
    query: str = field(repr=False)
    incoming: Incoming
    ip_address: str | None
    sample: bool = False


@dataclass(slots=True)
class Trace:
    """What was found on the way, in sentences for people."""

    lines: list[str] = field(default_factory=list)

    def note(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)


def key_of(text: str, incoming: Incoming, redactor: Redactor) -> tuple[str | None, str]:
    """Return what tells a repeat of this request, and a sentence about it; None when nothing does.

    ``text`` is a selector. A key that holds a secret is replaced by its digest.
    """
    selector = None if text == NO_KEY else _selector(text)
    if selector is None:
        return None, "No message key is set, so a repeat cannot be told"
    found = selector.find(incoming.headers, incoming.body, _reader(incoming))
    if found is None:
        return None, f"There is no {text}, so a repeat cannot be told"
    return _storable(found, redactor), f"Repeats are told by {text}"


def type_of(text: str, headers: Mapping[str, str], body: Json) -> str | None:
    """Return what the sender calls this kind of event, if it stands where the selector ``text`` says.

    ``body`` is what was read of it.
    """
    selector = _selector(text)
    return None if selector is None else selector.find(headers, b"", lambda: body)


def _reader(incoming: Incoming) -> Callable[[], Json]:
    return lambda: contents.read(incoming.headers, incoming.body).value


def _storable(key: str, redactor: Redactor) -> str:
    """Return a key as a column can hold it: what is too long, odd, or secret, by its digest."""
    if len(key) <= MAX_KEY_CHARACTERS and key.isprintable() and redactor.text(key) == key:
        return key
    whole = Selector(digest=True).find({}, key.encode("utf-8", "surrogatepass"), dict)
    return str(whole)


def redacted_headers(
    headers: Iterable[tuple[str, str]], redactor: Redactor, secret_names: Collection[str] = ()
) -> list[list[str]]:
    """Return headers as they may be kept: secrets and what is likely to be one blotted out.

    ``secret_names`` are, in lower case, those that carry a secret of the endpoint, right or wrong.
    """
    return [
        [name, MASK if name in secret_names or sensitive(name) else redactor.text(value)]
        for name, value in headers
    ]


def redacted_query(query: str, redactor: Redactor) -> str:
    """Return the query of a URL as it may be kept: the same for its parameters."""
    return "&".join(_redacted_parameter(each, redactor) for each in query.split("&"))


def _redacted_parameter(parameter: str, redactor: Redactor) -> str:
    name, sign, value = parameter.partition("=")
    if value and sensitive(unquote_plus(name)):
        return f"{name}{sign}{MASK}"
    return redactor.text(parameter)
