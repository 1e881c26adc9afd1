"""How the two databases look into JSON, and compare what they find there."""

import json
import math
from typing import Any, Protocol

from core.sql import on_postgresql
from scim.filters.conditions import Sql

Path = tuple[str, ...]
MAX_INTEGER = 2**63 - 1


class Dialect(Protocol):
    """What the compiler of filters has to know of a database.

    ``document`` is the SQL of a JSON value; ``kind`` the type of an attribute (RFC 7643, 2.3).
    """

    def value(self, document: str, path: Path, kind: str) -> Sql:
        """Return what stands at ``path``, NULL where there is nothing."""

    def entries(self, document: str, path: Path) -> Sql:
        """Return a table ``e`` whose column ``value`` holds the entries of an array."""

    def text(self, value: str) -> str:
        """Return a text that compares by its characters' numbers, as Python's do."""

    def operand(self, value: Any, kind: str) -> Sql:
        """Return the other side of a comparison with a value of ``kind``."""

    def holds(self, document: str, content: Any) -> Sql | None:
        """Return whether a document contains ``content``, where an index answers that."""

    def starts(self, value: Sql, operand: str) -> Sql:
        """Return whether a text starts with ``operand``."""

    def ends(self, value: Sql, operand: str) -> Sql:
        """Return whether a text ends with ``operand``."""

    def contains(self, value: Sql, operand: str) -> Sql:
        """Return whether ``operand`` stands in a text."""


class PostgreSQL:
    """``jsonb``, with an index on everything that a document contains."""

    def value(self, document: str, path: Path, kind: str) -> Sql:
        found = Sql(text=f"({document} #>> %s::text[])", parameters=(list(path),))
        if kind in ("integer", "decimal"):
            return Sql(text=f"{found.text}::numeric", parameters=found.parameters)
        return Sql(text=self.text(found.text), parameters=found.parameters)

    def entries(self, document: str, path: Path) -> Sql:
        text = f"jsonb_array_elements({document} #> %s::text[]) AS e(value)"
        return Sql(text=text, parameters=(list(path),))

    def text(self, value: str) -> str:
        return f'{value} COLLATE "C"'

    def operand(self, value: Any, kind: str) -> Sql:
        if kind == "boolean":
            return Sql(text="%s::text", parameters=("true" if value else "false",))
        if kind in ("integer", "decimal"):
            return Sql(text="%s::numeric", parameters=(str(value),))
        return Sql(text="%s::text", parameters=(value,))

    def holds(self, document: str, content: Any) -> Sql | None:
        return Sql(text=f"{document} @> %s::jsonb", parameters=(json.dumps(content),))

    def starts(self, value: Sql, operand: str) -> Sql:
        return Sql(
            text=f"starts_with({value.text}, %s::text)", parameters=(*value.parameters, operand)
        )

    def ends(self, value: Sql, operand: str) -> Sql:
        if not operand:
            return Sql(text=f"{value.text} IS NOT NULL", parameters=value.parameters)
        text = f"right({value.text}, %s::int) = %s::text"
        return Sql(text=text, parameters=(*value.parameters, len(operand), operand))

    def contains(self, value: Sql, operand: str) -> Sql:
        text = f"strpos({value.text}, %s::text) > 0"
        return Sql(text=text, parameters=(*value.parameters, operand))


class SQLite:
    """JSON kept as text, read by its functions."""

    def value(self, document: str, path: Path, kind: str) -> Sql:
        if not path:
            return Sql(text=document)
        return Sql(text=f"json_extract({document}, %s)", parameters=(_json_path(path),))

    def entries(self, document: str, path: Path) -> Sql:
        return Sql(text=f"json_each({document}, %s) AS e", parameters=(_json_path(path),))

    def text(self, value: str) -> str:
        return value

    def operand(self, value: Any, kind: str) -> Sql:
        if isinstance(value, int):
            value = _bindable(value)
        return Sql(text="%s", parameters=(value,))

    def holds(self, document: str, content: Any) -> Sql | None:
        return None

    def starts(self, value: Sql, operand: str) -> Sql:
        text = f"substr({value.text}, 1, %s) = %s"
        return Sql(text=text, parameters=(*value.parameters, len(operand), operand))

    def ends(self, value: Sql, operand: str) -> Sql:
        if not operand:
            return Sql(text=f"{value.text} IS NOT NULL", parameters=value.parameters)
        text = f"substr({value.text}, %s) = %s"
        return Sql(text=text, parameters=(*value.parameters, -len(operand), operand))

    def contains(self, value: Sql, operand: str) -> Sql:
        return Sql(text=f"instr({value.text}, %s) > 0", parameters=(*value.parameters, operand))


def dialect() -> Dialect:
    """Return the dialect of the database in use."""
    return PostgreSQL() if on_postgresql() else SQLite()


def _bindable(value: int) -> int | float:
    """Return a number that SQLite takes; beyond 64 bits, where no stored one is, that is infinite."""
    if value > MAX_INTEGER:
        return math.inf
    return -math.inf if value < -MAX_INTEGER - 1 else int(value)


def _json_path(path: Path) -> str:
    return "$" + "".join(f".{json.dumps(name)}" for name in path)
