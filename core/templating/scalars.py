"""Numbers of relaxed JSON: JSON's own, and those of JavaScript that JSON lacks."""

import re
from dataclasses import dataclass
from math import isinf
from typing import Final

from core.templating.errors import TemplateSyntaxError

# Longer numbers are data in the wrong place; also bounds the time to convert one.
MAX_NUMBER_CHARACTERS: Final = 400

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX](?P<hexadecimal>[0-9a-fA-F]+)"
    r"|(?P<whole>[0-9]*)(?P<fraction>\.[0-9]*)?(?P<exponent>[eE][+-]?[0-9]+)?)"
)
_WORD_CHARACTER = re.compile(r"[\w$.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number: as JSON writes it, its value, and the offset of its end in the source."""

    json_text: str
    value: int | float
    end: int


def read_number(source: str, offset: int) -> Number:
    """Read the number at ``offset``; raises TemplateSyntaxError for what is none.

    What is a number of JSON keeps its spelling; ``0xff``, ``+1``, ``.5`` and ``5.`` become one.
    """
    found = _NUMBER.match(source, offset)
    if found is None or not (found["hexadecimal"] or _has_digits(found)):
        raise TemplateSyntaxError.at("this is not a number", source, offset)
    if found.end() - offset > MAX_NUMBER_CHARACTERS:
        raise TemplateSyntaxError.at(
            f"a number has at most {MAX_NUMBER_CHARACTERS} characters", source, offset
        )
    if _WORD_CHARACTER.match(source, found.end()):
        raise TemplateSyntaxError.at("this is not a number", source, offset)
    sign = "-" if found["sign"] == "-" else ""
    if found["hexadecimal"]:
        whole_number = int(sign + found["hexadecimal"], 16)
        return Number(json_text=str(whole_number), value=whole_number, end=found.end())
    whole, fraction, exponent = found["whole"], found["fraction"] or "", found["exponent"] or ""
    if len(whole) > 1 and whole.startswith("0"):
        raise TemplateSyntaxError.at("a number may not start with a zero", source, offset)
    json_text = sign + (whole or "0") + (".0" if fraction == "." else fraction) + exponent
    value = float(json_text) if fraction or exponent else int(json_text)
    if isinstance(value, float) and isinf(value):
        raise TemplateSyntaxError.at("the number is too large", source, offset)
    return Number(json_text=json_text, value=value, end=found.end())


def _has_digits(found: re.Match[str]) -> bool:
    return bool(found["whole"]) or len(found["fraction"] or "") > 1
