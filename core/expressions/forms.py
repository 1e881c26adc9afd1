"""Functions that compute only the arguments they need: other ways to write operators."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from core.expressions.nodes import Binary, Conditional, Literal, Node, Unary
from core.expressions.registry import Parameter, Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Signature):
    """A function that is replaced by operators while parsing; ``build`` gets the arguments."""

    build: Callable[[tuple[Node, ...], int], Node]


def _chain(operator: str, arguments: tuple[Node, ...], offset: int) -> Node:
    node, *rest = arguments
    for right in rest:
        node = Binary(operator=operator, left=node, right=right, offset=offset)
    return node


def _if(arguments: tuple[Node, ...], offset: int) -> Node:
    condition, accepted, *rest = arguments
    rejected = rest[0] if rest else Literal(value=None, offset=offset)
    return Conditional(condition=condition, accepted=accepted, rejected=rejected, offset=offset)


def _not(arguments: tuple[Node, ...], offset: int) -> Node:
    return Unary(operator="!", operand=arguments[0], offset=offset)


def _forms() -> dict[str, Form]:
    value, other = Parameter(name="value"), Parameter(name="other")
    condition = Parameter(name="condition")
    more_values = Parameter(name="other", repeated=True)
    more_conditions = Parameter(name="other", repeated=True)
    forms = [
        Form(
            name="if",
            parameters=(condition, value, Parameter(name="otherwise", optional=True)),
            build=_if,
        ),
        Form(name="and", parameters=(condition, more_conditions), build=partial(_chain, "&&")),
        Form(name="or", parameters=(condition, more_conditions), build=partial(_chain, "||")),
        Form(name="not", parameters=(condition,), build=_not),
        Form(name="coalesce", parameters=(value, more_values), build=partial(_chain, "??")),
        Form(name="default", parameters=(value, other), build=partial(_chain, "default")),
    ]
    return {form.name: form for form in forms}


FORMS: Final = _forms()
