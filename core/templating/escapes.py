"""Escapes in the strings of JSON and JavaScript, and text that UTF-8 cannot carry."""

import re
from typing import Final

from core.templating.errors import TemplateSyntaxError

# The escapes of RFC 8259, section 7, which are kept as they are written.
JSON_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
SURROGATE: Final = re.compile("[\ud800-\udfff]")

# The other escapes of ECMA-262, section 12.9.4, that have a meaning of their own.
_CODE_POINT = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\})")
_LINE_CONTINUATION = re.compile("\\\\(?:\r\n|[\n\r\u2028\u2029])")
_SIMPLE_ESCAPES: Final = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "0": "\0",
    "/": "/",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
_LAST_CODE_POINT: Final = 0x10FFFF


def read_escape(source: str, offset: int) -> tuple[str, int]:
    """Return what the escape at ``offset`` stands for, and where it ends.

    A backslash before the end of a line stands for nothing. Raises TemplateSyntaxError.
    """
    if found := _CODE_POINT.match(source, offset):
        code_point = int(found[1] or found[2] or found[3], 16)
        if code_point <= _LAST_CODE_POINT:
            return chr(code_point), found.end()
    elif found := _LINE_CONTINUATION.match(source, offset):
        return "", found.end()
    elif source[offset + 1 : offset + 2] in _SIMPLE_ESCAPES:
        octal = source[offset + 1] == "0" and source[offset + 2 : offset + 3].isdigit()
        if not octal:
            return _SIMPLE_ESCAPES[source[offset + 1]], offset + 2
    raise TemplateSyntaxError.at("unknown escape; write '\\\\' for a backslash", source, offset)


def escape_surrogates(json_text: str) -> str:
    """Write halves of surrogate pairs as JSON escapes, as JSON.stringify does.

    The source is ECMA-262, section 25.5.2.3 (QuoteJSONString).
    """
    if json_text.isascii():
        return json_text
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


def replace_surrogates(text: str) -> str:
    """Put U+FFFD for halves of surrogate pairs, as every encoder of UTF-8 does."""
    return text if text.isascii() else SURROGATE.sub("\ufffd", text)
