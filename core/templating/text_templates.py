"""Templates of plain text and of header values."""

import re
from functools import lru_cache
from typing import Final

from core.expressions.context import RefusedError
from core.expressions.values import text_of
from core.templating.errors import TemplateRenderError, TemplateSyntaxError
from core.templating.escapes import SURROGATE, replace_surrogates
from core.templating.holes import split_holes
from core.templating.relaxed import MAX_TEMPLATE_CHARACTERS
from core.templating.template import CACHED_TEMPLATES, Template, compile_pieces
from core.types import Json

MAX_HEADER_CHARACTERS: Final = 8_192

# RFC 9110, section 5.5: visible characters, spaces and the upper half of Latin-1. Tabs are left
# out; they have no use in a value and senders disagree about them.
_NO_HEADER_CHARACTER = re.compile("[^\x20-\x7e\xa0-\xff]")
_NO_TEXT_CHARACTER = re.compile(f"\x00|{SURROGATE.pattern}")
_HEADER_RULE: Final = "a header holds no line breaks, control characters or letters beyond Latin-1"


class TextTemplate(Template):
    """A template that renders to plain text; values are written as they are."""


class HeaderTemplate(Template):
    """A template that renders to the value of an HTTP header."""

    def _finish(self, parts: list[str]) -> str:
        # Spaces around a value are no part of it (RFC 9110, section 5.5).
        value = "".join(parts).strip(" ")
        if len(value) > MAX_HEADER_CHARACTERS:
            message = f"the value is longer than {MAX_HEADER_CHARACTERS:,} characters"
            raise TemplateRenderError.at(message, self.source, 0)
        return value


def compile_text_template(source: str) -> TextTemplate:
    """Compile a template of plain text; raises TemplateSyntaxError."""
    return _compile_text(source)


def compile_header_template(source: str) -> HeaderTemplate:
    """Compile a template of a header's value; raises TemplateSyntaxError."""
    return _compile_header(source)


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compile_text(source: str) -> TextTemplate:
    if len(source) > MAX_TEMPLATE_CHARACTERS:
        message = f"the text is longer than {MAX_TEMPLATE_CHARACTERS:,} characters"
        raise TemplateSyntaxError.at(message, source, MAX_TEMPLATE_CHARACTERS)
    if found := _NO_TEXT_CHARACTER.search(source):
        message = "the text contains NUL or half of a surrogate pair"
        raise TemplateSyntaxError.at(message, source, found.start())
    pieces = split_holes(source)
    return TextTemplate(source, compile_pieces(source, pieces, lambda hole: _write_text))


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compile_header(source: str) -> HeaderTemplate:
    if len(source) > MAX_HEADER_CHARACTERS:
        message = f"the value is longer than {MAX_HEADER_CHARACTERS:,} characters"
        raise TemplateSyntaxError.at(message, source, MAX_HEADER_CHARACTERS)
    if found := _NO_HEADER_CHARACTER.search(source):
        raise TemplateSyntaxError.at(_HEADER_RULE, source, found.start())
    pieces = split_holes(source)
    return HeaderTemplate(source, compile_pieces(source, pieces, lambda hole: _write_header))


def _write_text(value: Json) -> str:
    return replace_surrogates(text_of(value))


def _write_header(value: Json) -> str:
    written = text_of(value)
    if _NO_HEADER_CHARACTER.search(written):
        raise RefusedError(_HEADER_RULE)
    return written
