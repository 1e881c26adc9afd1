"""JSON that is text already."""

import json
from collections.abc import Mapping, Sequence

from core.types import Json


class JsonText(str):
    """The text of a JSON value; what is put together of such text is not read again."""

    __slots__ = ()


def text_of(value: Json) -> JsonText:
    """Return a value as JSON."""
    return JsonText(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def with_list(head: Mapping[str, Json], name: str, entries: Sequence[JsonText]) -> JsonText:
    """Return an object with one more key, the list of ``entries``."""
    return JsonText(f"{text_of({**head, name: []})[:-2]}{','.join(entries)}]}}")
