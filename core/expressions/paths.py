"""Paths into the scope: how they are read, and which ones an expression reads."""

from collections.abc import Iterator
from typing import assert_never

from core.expressions.context import Context, Run
from core.expressions.nodes import (
    Binary,
    Call,
    Conditional,
    Item,
    ListOf,
    Literal,
    Member,
    Name,
    Node,
    Unary,
)
from core.expressions.values import member
from core.types import Json


def fixed_path(node: Node) -> tuple[str, ...]:
    """Return the keys from the root of the scope to ``node``; empty if some are computed."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Member) and (path := fixed_path(node.target)):
        return (*path, node.key)
    return ()


def read_path(path: tuple[str, ...]) -> Run:
    """Build the closure that reads a path; what is not there is null."""
    root, *keys = path
    if not keys:
        return lambda context: context.scope.get(root)
    if len(keys) == 1:
        key = keys[0]

        def read_member(context: Context) -> Json:
            target = context.scope.get(root)
            return target.get(key) if isinstance(target, dict) else member(target, key)

        return read_member

    def read(context: Context) -> Json:
        target = context.scope.get(root)
        for key in keys:
            target = target.get(key) if isinstance(target, dict) else member(target, key)
        return target

    return read


def paths_read(node: Node) -> Iterator[str]:
    """Yield the paths that ``node`` reads, each as far as its keys are fixed.

    They are written as in an expression: ``order.total``, ``order['ship-to']``.
    """
    path = fixed_path(node)
    if path:
        yield path[0] + "".join(_written(key) for key in path[1:])
        return
    for child in _children(node):
        yield from paths_read(child)


def _children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 (one way out for each kind)
    match node:
        case Literal() | Name():
            return ()
        case Member(target=target):
            return (target,)
        case Item(target=target, index=index):
            return (target, index)
        case ListOf(items=items):
            return items
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Conditional(condition=condition, accepted=accepted, rejected=rejected):
            return (condition, accepted, rejected)
        case Call(arguments=arguments):
            return arguments
    assert_never(node)


def _written(key: str) -> str:
    if key.isidentifier():
        return f".{key}"
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
