"""Templates of URLs: a value never becomes more than the part of the URL where it stands."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from core.templating.errors import TemplateSyntaxError
from core.templating.holes import Hole, split_holes
from core.templating.template import (
    CACHED_TEMPLATES,
    Slot,
    Template,
    Writer,
    compile_pieces,
)
from core.templating.url_parts import (
    Part,
    Region,
    ends_in_domain,
    is_host,
    is_safe_path,
    split_url,
    write_component,
    write_host,
    write_path,
)

MAX_URL_CHARACTERS: Final = 8_192
# What staff have configured may name any host; what an event carries may not.
TRUSTED_ROOT: Final = "config"

_WRITERS: Final[dict[Region, Writer]] = {
    Region.HOST: write_host,
    Region.PATH: write_path,
    Region.QUERY: write_component,
}


class UrlTemplate(Template):
    """A template that renders to an absolute URL of http or https."""

    def __init__(
        self, source: str, pieces: Sequence[str | Slot], regions: Sequence[Region]
    ) -> None:
        super().__init__(source, pieces)
        self._regions = regions
        self._first_slots: dict[Region, Slot] = {}
        for region, piece in zip(regions, pieces, strict=True):
            if isinstance(piece, Slot):
                self._first_slots.setdefault(region, piece)

    def _finish(self, parts: list[str]) -> str:
        url = "".join(parts)
        for region, slot in self._first_slots.items():
            if region is Region.HOST and not is_host(self._rendered(region, parts)):
                raise self._error("the host is not a domain name", slot)
            if region is Region.PATH and not is_safe_path(self._rendered(region, parts)):
                raise self._error("'.' and '..' are no parts of a path here", slot)
            if len(url) > MAX_URL_CHARACTERS:
                raise self._error(f"the URL is longer than {MAX_URL_CHARACTERS:,} characters", slot)
        return url

    def _rendered(self, region: Region, parts: Sequence[str]) -> str:
        pairs = zip(self._regions, parts, strict=True)
        return "".join(part for part_region, part in pairs if part_region is region)


def compile_url_template(source: str) -> UrlTemplate:
    """Compile a template of an absolute URL; raises TemplateSyntaxError.

    Scheme and port are written out. In the host, a hole renders to letters, digits, dots and
    hyphens only, and the domain follows it, unless the hole reads nothing but configuration.
    Anywhere else values are percent-encoded, slashes too.
    """
    return _compile(source)


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compile(source: str) -> UrlTemplate:
    if len(source) > MAX_URL_CHARACTERS:
        message = f"the URL is longer than {MAX_URL_CHARACTERS:,} characters"
        raise TemplateSyntaxError.at(message, source, MAX_URL_CHARACTERS)
    parts = split_url(source, split_holes(source))
    writers = {
        part.piece.start: _WRITERS[part.region] for part in parts if isinstance(part.piece, Hole)
    }
    pieces = compile_pieces(
        source, [part.piece for part in parts], lambda hole: writers[hole.start]
    )
    _refuse_foreign_domains(source, parts, pieces)
    return UrlTemplate(source, pieces, [part.region for part in parts])


def _refuse_foreign_domains(
    source: str, parts: Sequence[Part], pieces: Sequence[str | Slot]
) -> None:
    """Refuse a template whose domain would come from the data it sends."""
    if ends_in_domain(parts):
        return
    for part, piece in zip(parts, pieces, strict=True):
        if part.region is Region.HOST and isinstance(piece, Slot) and not _trusted(piece):
            message = (
                "the domain must be written out after the hole, as in {{shop}}.example.com,"
                f" unless the hole reads only {TRUSTED_ROOT}; a path starts with '/'"
            )
            raise TemplateSyntaxError.at(message, source, piece.hole.start)


def _trusted(slot: Slot) -> bool:
    names = slot.expression.names
    return bool(names) and all(
        name == TRUSTED_ROOT or name.startswith((f"{TRUSTED_ROOT}.", f"{TRUSTED_ROOT}["))
        for name in names
    )
