"""From the tree of an expression to a closure that computes it."""

from collections.abc import Callable
from typing import assert_never

from core.expressions.calls import compile_call
from core.expressions.context import Context, RefusedError, Run
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
from core.expressions.operators import OPERATORS, negate
from core.expressions.paths import fixed_path, read_path
from core.expressions.values import describe, member, weigh
from core.types import Json


def compile_node(node: Node) -> Run:  # noqa: PLR0911 (one way out for each kind of node)
    """Build the closure that computes ``node``; it raises RefusedError with an offset."""
    match node:
        case Literal(value=value):
            return lambda context: value
        case Name():
            return read_path((node.name,))
        case Member():
            return _member(node)
        case Item():
            return _item(node)
        case ListOf():
            return _list(node)
        case Unary():
            return _unary(node)
        case Binary():
            return _binary(node)
        case Conditional():
            return _conditional(node)
        case Call():
            runs = [compile_node(argument) for argument in node.arguments]
            return compile_call(node, runs)
    assert_never(node)


def _member(node: Member) -> Run:
    path = fixed_path(node)
    if path:
        return read_path(path)
    target, key = compile_node(node.target), node.key
    return lambda context: member(target(context), key)


def _item(node: Item) -> Run:
    target, index = compile_node(node.target), compile_node(node.index)
    return lambda context: member(target(context), index(context))


def _list(node: ListOf) -> Run:
    items, offset = [compile_node(item) for item in node.items], node.offset

    def run(context: Context) -> Json:
        values = [item(context) for item in items]
        try:
            # The same large value may stand here a hundred times.
            weigh(context, values)
        except RefusedError as error:
            raise error.placed(offset) from None
        return values

    return run


def _unary(node: Unary) -> Run:
    if node.operator == "!":
        accepted = _condition(node.operand, "'!'")
        return lambda context: not accepted(context)
    operand, offset = compile_node(node.operand), node.offset

    def run(context: Context) -> Json:
        try:
            return negate(operand(context))
        except RefusedError as error:
            raise error.placed(offset) from None

    return run


def _binary(node: Binary) -> Run:
    match node.operator:
        case "&&":
            left, right = _condition(node.left, "'&&'"), _condition(node.right, "'&&'")
            return lambda context: left(context) and right(context)
        case "||":
            left, right = _condition(node.left, "'||'"), _condition(node.right, "'||'")
            return lambda context: left(context) or right(context)
        case "??":
            return _fallback(node, empty_too=False)
        case "default":
            return _fallback(node, empty_too=True)
    return _computed(node)


def _fallback(node: Binary, *, empty_too: bool) -> Run:
    left, right = compile_node(node.left), compile_node(node.right)

    def run(context: Context) -> Json:
        value = left(context)
        return right(context) if value is None or (empty_too and value == "") else value

    return run


def _computed(node: Binary) -> Run:
    left, right, offset = compile_node(node.left), compile_node(node.right), node.offset
    operate = OPERATORS[node.operator]

    def run(context: Context) -> Json:
        try:
            return operate(context, left(context), right(context))
        except RefusedError as error:
            raise error.placed(offset) from None

    return run


def _conditional(node: Conditional) -> Run:
    condition = _condition(node.condition, "a condition")
    accepted, rejected = compile_node(node.accepted), compile_node(node.rejected)
    return lambda context: accepted(context) if condition(context) else rejected(context)


def _condition(node: Node, who: str) -> Callable[[Context], bool]:
    """Compute a truth value: null counts as false, nothing else is converted."""
    run, offset = compile_node(node), node.offset

    def test(context: Context) -> bool:
        value = run(context)
        if value is True or value is False:
            return value
        if value is None:
            return False
        hint = "a fallback is written '??'" if who == "'||'" else "compare it, or use bool()"
        raise RefusedError(f"{who} needs true or false, got {describe(value)}; {hint}", offset)

    return test
