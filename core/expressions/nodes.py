"""The tree of a parsed expression. ``offset`` is where an error in the node should point."""

from dataclasses import dataclass

from core.expressions.registry import Function
from core.types import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value written out."""

    value: Json
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name at the root of the scope."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A fixed key of an object: ``.key`` or ``['key']``."""

    target: "Node"
    key: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A computed key of an object or index of a list: ``[index]``."""

    target: "Node"
    index: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list written out, its items computed."""

    items: tuple["Node", ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """An operator before a value: ``-`` or ``!``."""

    operator: str
    operand: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """An operator between two values; ``default`` is the function of that name."""

    operator: str
    left: "Node"
    right: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """One of two values, whichever the condition picks; the other is not computed."""

    condition: "Node"
    accepted: "Node"
    rejected: "Node"
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a function whose arguments are all computed first."""

    function: Function
    arguments: tuple["Node", ...]
    offset: int


Node = Literal | Name | Member | Item | ListOf | Unary | Binary | Conditional | Call
