"""Where something stands in a request: ``header:X-Request-Id``, ``body:data.object.id``, ``body``. Pure.

``body`` alone stands for all of its bytes, by their SHA-256. A path goes into JSON and into the fields
of a form; ``[0]`` is the first item of a list. What has neither prefix is a fixed text.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.types import Json

MAX_CHARACTERS = 200
NO_KEY = "none"
"""In the place of a message key: no request is a repeat of another."""

# RFC 9110, 5.1, but for the underscore: web servers drop such headers, as they look like others
# to programs that turn hyphens into underscores.
_HEADER = re.compile(r"[!#$%&'*+.^`|~0-9A-Za-z-]{1,100}")
_STEP = re.compile(r"(?P<name>[^.\[\]\s\x00-\x1f\x7f]{1,100})|\[(?P<index>[0-9]{1,6})\]")
_FIXED = re.compile(r"[A-Za-z0-9._/:\-]{1,100}")


class SelectorError(ValueError):
    """A selector cannot be read; the message says what it must look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A place in a request, or a ``fixed`` text. A ``path`` is one of names and numbers."""

    header: str = ""
    path: tuple[str | int, ...] = ()
    digest: bool = False
    fixed: str = ""

    def find(
        self, headers: Mapping[str, str], body: bytes, parsed: Callable[[], Json]
    ) -> str | None:
        """Return the text that stands there; None for nothing, and for lists and objects.

        Header names are in lower case. ``parsed`` is called when the body is needed.
        """
        if self.fixed:
            return self.fixed
        if self.digest:
            return f"sha256:{hashlib.sha256(body).hexdigest()}"
        if self.header:
            return headers.get(self.header) or None
        return _text(_at(parsed(), self.path))


def is_header_name(name: str) -> bool:
    """Say whether a header that arrives can have this name."""
    return _HEADER.fullmatch(name) is not None


def parse(text: str) -> Selector | None:
    """Return the selector that ``text`` stands for; None for none. Raises SelectorError."""
    if not text:
        return None
    if len(text) > MAX_CHARACTERS:
        raise SelectorError(f"This has at most {MAX_CHARACTERS} characters")
    kind, colon, rest = text.partition(":")
    if kind == "header" and colon:
        if not is_header_name(rest):
            raise SelectorError("After header: comes the name of a header, such as X-Request-Id")
        return Selector(header=rest.lower())
    if kind == "body":
        return Selector(path=_path(rest)) if colon else Selector(digest=True)
    if not _FIXED.fullmatch(text):
        raise SelectorError(
            "Write header: and a name, body: and a path such as data.id, or a fixed text of letters,"
            " digits, dots and underscores"
        )
    return Selector(fixed=text)


def _path(text: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        begin = end + (text[end] == "." and bool(steps))
        step = _STEP.match(text, begin)
        if step is None:
            break
        steps.append(step["name"] if step["index"] is None else int(step["index"]))
        end = step.end()
    if not steps or end < len(text):
        raise SelectorError("After body: comes a path, such as data.object.id or items[0].id")
    return tuple(steps)


def _at(value: Json, path: tuple[str | int, ...]) -> Json:
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _text(value: Json) -> str | None:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return None
