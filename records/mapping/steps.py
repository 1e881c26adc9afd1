"""One rule of a mapping: compiled, and followed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from core.expressions import ExpressionSyntaxError, compile_expression
from core.expressions.context import Context, RefusedError, Run
from core.expressions.values import encode_json
from core.types import Json
from records.mapping.kinds import converted
from records.mapping.notations import Keys, Notation, Place, PlaceError
from records.mapping.reading import read
from records.mapping.types import Fault, Kind, Rule

MAX_DEFAULT_CHARACTERS: Final = 1_000
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

Simple = tuple[str, str, str | None, Keys]
"""A field, the first key to its value, the second and all others: what most rules are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rule that is ready to be followed: its ``place`` or ``run``, or the ``fault`` in it."""

    rule: Rule
    place: Place | None = None
    run: Run | None = None
    fault: Fault | None = None

    @property
    def simple(self) -> Simple | None:
        """The same as can be followed without any call, None where it takes more."""
        rule, place = self.rule, self.place
        if rule.kind is not Kind.TEXT or rule.required or rule.default is not None:
            return None
        if place is None or place.accepts:
            return None
        first, *others = place.keys
        return rule.field, first, others[0] if others else None, tuple(others[1:])

    def made(self, context: Context, data: Mapping[str, Any]) -> Json:
        """Return the value of the field, None where there is none; raise RefusedError."""
        if self.fault is not None:
            raise RefusedError(f"the rule cannot be followed: {self.fault.message}")
        if self.place is not None:
            value = read(context, data, self.place, self.rule.kind)
        else:
            value = self.run(context) if self.run else None
        if value is not None:
            return converted(context, self.rule.kind, value)
        if self.rule.default is None and self.rule.required:
            raise RefusedError("is required, and there is nothing to make it of")
        return self.rule.default


def step_of(index: int, rule: Rule, notation: Notation) -> Step:
    """Compile the rule that stands at ``index``."""
    try:
        rule = replace(rule, default=_default(rule))
        if rule.path:
            return Step(rule=rule, place=notation.place(rule.path))
        expression = compile_expression(rule.expression)
    except RefusedError as error:
        fault = Fault(index=index, key="default", message=error.message)
    except PlaceError as error:
        line = 1 if error.column else 0
        fault = Fault(
            index=index, key="path", message=error.message, line=line, column=error.column
        )
    except ExpressionSyntaxError as error:
        fault = Fault(
            index=index,
            key="expression",
            message=error.message,
            line=error.line,
            column=error.column,
        )
    else:
        objection = notation.objection(expression.names)
        if not objection:
            return Step(rule=rule, run=expression.run)
        fault = Fault(index=index, key="expression", message=objection)
    return Step(rule=rule, fault=fault)


def _default(rule: Rule) -> Json:
    """Return the default as one of the type of its field; raise RefusedError where it is none."""
    if rule.default is None:
        return None
    if len(encode_json(rule.default)) > MAX_DEFAULT_CHARACTERS:
        raise RefusedError(f"a default has at most {MAX_DEFAULT_CHARACTERS:,} characters")
    context = Context({}, _ANY_TIME, UTC, MAX_DEFAULT_CHARACTERS * 2)
    return converted(context, rule.kind, rule.default)
