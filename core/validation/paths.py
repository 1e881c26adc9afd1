"""Where something stands inside data, as a person reads it: ``items[0].address.city``."""

import re
from collections.abc import Iterable

_PLAIN_KEY = re.compile(r"[^.\[\]'\\]+")


def path_text(location: Iterable[str | int]) -> str:
    r"""Return keys joined by dots and indices in brackets; the data as a whole are "".

    A key that could be misread (empty, or with one of ``. [ ] ' \``) is quoted in brackets:
    ``labels['app.kubernetes.io']``. Two locations never share a text.
    """
    text = ""
    for segment in location:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif _PLAIN_KEY.fullmatch(segment):
            text += f".{segment}" if text else segment
        else:
            quoted = segment.replace("\\", "\\\\").replace("'", "\\'")
            text += f"['{quoted}']"
    return text
