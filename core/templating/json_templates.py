"""Templates of JSON documents: whatever the values, the result is valid JSON."""

from functools import lru_cache

from core.expressions.values import encode_json, text_of
from core.templating.escapes import escape_surrogates
from core.templating.holes import Hole
from core.templating.relaxed import read_relaxed_json
from core.templating.template import CACHED_TEMPLATES, Template, Writer, compile_pieces
from core.types import Json


class JsonTemplate(Template):
    """A template that renders to the text of one JSON document."""


def compile_json_template(source: str) -> JsonTemplate:
    """Compile a JSON template; raises TemplateSyntaxError where it could not yield JSON."""
    return _compile(source)


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compile(source: str) -> JsonTemplate:
    pieces = read_relaxed_json(source).pieces
    return JsonTemplate(source, compile_pieces(source, pieces, _writer_of))


def _writer_of(hole: Hole) -> Writer:
    return _write_in_string if hole.quoted else _write_value


def _write_value(value: Json) -> str:
    return escape_surrogates(encode_json(value))


def _write_in_string(value: Json) -> str:
    if value is None:
        return ""
    return escape_surrogates(encode_json(text_of(value))[1:-1])
