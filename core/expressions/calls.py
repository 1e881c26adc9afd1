"""Calls of functions: arguments are checked, results bounded and accounted for."""

from collections.abc import Callable, Sequence

from core.expressions.context import Context, RefusedError, Run, too_costly
from core.expressions.nodes import Call
from core.expressions.registry import Function
from core.expressions.values import MAX_TEXT_CHARACTERS, too_long
from core.types import Json


def compile_call(node: Call, arguments: Sequence[Run]) -> Run:
    """Build the closure of a call; ``arguments`` are the closures of its arguments."""
    function, offset, implementation = node.function, node.offset, node.function.implementation
    readers = [
        _reader(function, index, run, argument.offset)
        for index, (run, argument) in enumerate(zip(arguments, node.arguments, strict=True))
    ]
    # The context is read like an argument: one closure then serves all functions.
    all_readers = [_same_context, *readers] if function.takes_context else readers

    def run(context: Context) -> Json:
        try:
            result = implementation(*[read(context) for read in all_readers])
            return _bounded(context, result)
        except RefusedError as error:
            raise _named(error, function, offset) from None

    if not function.passes_null_on:
        return run
    read_first, *read_others = readers

    def run_unless_null(context: Context) -> Json:
        try:
            first = read_first(context)
            if first is None:
                return None
            others = [read(context) for read in read_others]
            if function.takes_context:
                return _bounded(context, implementation(context, first, *others))
            return _bounded(context, implementation(first, *others))
        except RefusedError as error:
            raise _named(error, function, offset) from None

    return run_unless_null


def _same_context(context: Context) -> Context:
    return context


def _reader(function: Function, index: int, run: Run, offset: int) -> Callable[[Context], object]:
    """Build the closure that computes an argument and checks its kind."""
    kind = function.parameter(index).kind
    if kind is None:
        return run
    accept, skips_null = kind.accept, index == 0 and not kind.nullable

    def read(context: Context) -> object:
        value = run(context)
        if value is None and skips_null:
            return None
        try:
            return accept(context, value)
        except RefusedError as error:
            raise _named(error, function, offset) from None

    return read


def _named(error: RefusedError, function: Function, offset: int) -> RefusedError:
    """Say which function refused, unless an inner node has said where it happened."""
    if error.offset is None:
        error.message = f"{function.name}(): {error.message}"
    return error.placed(offset)


def _bounded(context: Context, result: Json) -> Json:
    """Return a result unchanged, after taking its size from the permitted cost."""
    if isinstance(result, str):
        size = len(result)
        if size > MAX_TEXT_CHARACTERS:
            raise too_long()
    elif isinstance(result, list):
        size = len(result)
    else:
        return result
    # The same as Context.spend(), without the call: this is the busiest line of all.
    context.remaining -= size
    if context.remaining < 0:
        raise too_costly()
    return result
