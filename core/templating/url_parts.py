"""The parts of a URL template and what a value may become in each (RFC 3986)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import quote

from core.expressions.context import RefusedError
from core.expressions.values import text_of
from core.templating.errors import TemplateSyntaxError
from core.templating.escapes import SURROGATE, replace_surrogates
from core.templating.holes import CLOSING, Hole
from core.types import Json

# Stands for a hole where a URL is taken apart; no source may contain it.
_HOLE: Final = "\0"
_URL = re.compile(r"(?P<origin>https?://)(?P<authority>[^/?#]*)(?P<path>[^?#]*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?P<port>:[0-9]{1,5})?")
_FORBIDDEN = re.compile(rf'[\x00-\x20\x7f"<>\\^`{{|}}]|{SURROGATE.pattern}|%(?![0-9A-Fa-f]{{2}})')
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LITERAL_HOST = re.compile(r"[A-Za-z0-9._\0-]+|\[.*\]")
_HOST_VALUE = re.compile(r"[A-Za-z0-9.-]+")
_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# RFC 1123, section 2.1.
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_DOMAIN_ENDING = re.compile(rf".*\0[A-Za-z0-9-]*(?:\.{_LABEL}){{2,}}")
_DOT_SEGMENT = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


class Region(Enum):
    """Where in a URL something stands; FIXED are the scheme and the port."""

    FIXED = "fixed"
    HOST = "host"
    PATH = "path"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a URL template that stands in one region."""

    region: Region
    piece: str | Hole


def split_url(source: str, pieces: Sequence[str | Hole]) -> list[Part]:
    """Split a URL template by regions; raises TemplateSyntaxError for what is no such URL.

    Characters beyond ASCII are percent-encoded.
    """
    skeleton, places = _skeleton(source, pieces)

    def error(message: str, index: int) -> TemplateSyntaxError:
        return TemplateSyntaxError.at(message, source, places[index])

    found = _URL.match(skeleton)
    if not found:
        raise error("a URL starts with http:// or https://, written out", 0)
    authority = found["authority"]
    if "@" in authority:
        raise error("credentials do not belong in a URL; use a header", found.start("authority"))
    if not authority or authority.startswith(":"):
        raise error("the host is missing", found.start("authority"))
    inner = _AUTHORITY.fullmatch(authority)
    if not inner:
        colon = max(authority.find(":"), 0)
        raise error("a port is a number, written out", found.start("authority") + colon)
    if not _LITERAL_HOST.fullmatch(inner["host"]):
        raise error(
            "a host has letters a-z, digits, '.' and '-'; others are written as xn--…",
            found.start("authority"),
        )
    for start, segment in _segments(found["path"], found.start("path")):
        if _DOT_SEGMENT.fullmatch(segment):
            raise error("'.' and '..' are no parts of a path here", start)
    host_end = found.start("authority") + inner.end("host")
    bounds = [
        (Region.FIXED, found.start("authority")),
        (Region.HOST, host_end),
        (Region.FIXED, found.start("path")),
        (Region.PATH, found.end("path")),
        (Region.QUERY, len(skeleton)),
    ]
    return list(_cut(pieces, bounds))


def _skeleton(source: str, pieces: Sequence[str | Hole]) -> tuple[str, list[int]]:
    """Return the URL with one character for each hole, and the source offset of each character."""
    skeleton: list[str] = []
    places: list[int] = []
    offset = 0
    for piece in pieces:
        if isinstance(piece, Hole):
            skeleton.append(_HOLE)
            places.append(piece.start)
            offset = piece.offsets[-1] + len(CLOSING)
            continue
        if found := _FORBIDDEN.search(piece):
            raise TemplateSyntaxError.at(
                f"{found[0]!a} must be percent-encoded in a URL", source, offset + found.start()
            )
        skeleton.append(piece)
        places += range(offset, offset + len(piece))
        offset += len(piece)
    return "".join(skeleton), [*places, offset]


def _segments(path: str, start: int) -> Iterator[tuple[int, str]]:
    for segment in path.split("/"):
        yield start, segment
        start += len(segment) + 1


def _cut(pieces: Sequence[str | Hole], bounds: Sequence[tuple[Region, int]]) -> Iterator[Part]:
    """Cut pieces where regions end; ``bounds`` has the end of each region in the skeleton."""
    index = 0
    for piece in pieces:
        length = 1 if isinstance(piece, Hole) else len(piece)
        begin = index
        for region, end in bounds:
            if begin < end and begin < index + length:
                if isinstance(piece, Hole):
                    yield Part(region=region, piece=piece)
                else:
                    text = piece[begin - index : end - index]
                    yield Part(region=region, piece=_percent_encoded(text))
                begin = end
        index += length


def _percent_encoded(text: str) -> str:
    return _NOT_ASCII.sub(lambda found: quote(found[0], safe=""), text)


def ends_in_domain(parts: Sequence[Part]) -> bool:
    """Tell whether the host ends, after its last hole, in a domain of at least two labels."""
    host = "".join(
        _HOLE if isinstance(part.piece, Hole) else part.piece
        for part in parts
        if part.region is Region.HOST
    )
    return bool(_DOMAIN_ENDING.fullmatch(host))


def is_host(text: str) -> bool:
    """Tell whether a rendered host is one."""
    return bool(_HOST.fullmatch(text))


def is_safe_path(path: str) -> bool:
    """Tell whether a rendered path has no segment that leads up, or nowhere."""
    return not any(_DOT_SEGMENT.fullmatch(segment) for segment in path.split("/"))


def write_host(value: Json) -> str:
    """Write a value as part of a host; raises RefusedError for what could be more."""
    written = text_of(value)
    if not _HOST_VALUE.fullmatch(written):
        raise RefusedError("a host takes only letters a-z, digits, '.' and '-', at least one")
    return written


def write_path(value: Json) -> str:
    """Write a value as part of a path segment; an empty one would name another resource."""
    written = write_component(value)
    if not written:
        raise RefusedError("a path takes no empty value; it would lead elsewhere")
    return written


def write_component(value: Json) -> str:
    """Percent-encode a value, all but the unreserved characters (RFC 3986, section 2.3)."""
    return quote(replace_surrogates(text_of(value)), safe="")
