"""The functions of the language; importing this package registers all of them."""

from core.expressions.functions import (
    arithmetic,
    conversion,
    date_functions,
    encoding,
    lists,
    texts,
)
from core.expressions.registry import FUNCTIONS

__all__ = ["FUNCTIONS", "arithmetic", "conversion", "date_functions", "encoding", "lists", "texts"]
