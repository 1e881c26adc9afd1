"""How stored JSON is read back."""

import json
from typing import Any

from core.strict_json import MAX_INTEGER, MIN_INTEGER


class StoredJsonDecoder(json.JSONDecoder):
    """Read large numbers back as what they were written as.

    ``jsonb`` spells ``1e30`` as an integer of 31 digits. No integer beyond 64 bits is ever
    accepted, so such a number was a float and becomes one again.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_number, **options)


def _number(literal: str) -> int | float:
    if len(literal) <= 20 and MIN_INTEGER <= (value := int(literal)) <= MAX_INTEGER:
        return value
    return float(literal)
