"""A mapping, compiled: it makes the fields of a thing from the data of its source."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from core.expressions.context import Context, RefusedError
from core.types import Json
from records.mapping.kinds import MAX_TEXT_CHARACTERS, converted
from records.mapping.notations import Notation
from records.mapping.reading import follow, main_of
from records.mapping.rules import read_rules
from records.mapping.steps import Simple, Step, step_of
from records.mapping.types import Fault, Kind, Mapped, Problem, Rule

# Characters and items that all rules together may look at: a mapping runs for thousands of things
# in one request.
MAX_COST: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledMapping:
    """A mapping that is ready for use; safe to share between threads.

    ``faults`` are what must be corrected before it is saved. Where a mapping that was saved has
    one all the same, it costs the field of that rule and nothing else.
    """

    rules: tuple[Rule, ...]
    faults: tuple[Fault, ...]
    notation: Notation = field(repr=False)
    simple: tuple[Simple, ...] = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False)

    def apply(  # noqa: C901  # unrolled: it runs for every user of every event
        self, data: Mapping[str, Any], *, now: datetime, time_zone: tzinfo = UTC
    ) -> Mapped:
        """Return the fields that ``data`` has a value for; never raises.

        ``now`` is the time that expressions are told.
        """
        values: dict[str, Json] = {}
        problems: list[Problem] = []
        context: Context | None = None
        for name, first, second, others in self.simple:
            value = data.get(first)
            if value is None:
                continue
            try:
                if second is not None:
                    if type(value) is dict:
                        value = value.get(second)
                        if others:
                            value = follow(value, others, Kind.TEXT)
                    elif type(value) is list:
                        value = main_of(value, (second, *others))
                    else:
                        continue
                if type(value) is str and len(value) <= MAX_TEXT_CHARACTERS:
                    values[name] = value
                elif value is not None:
                    context = context or Context(data, now, time_zone, MAX_COST)
                    values |= _text(context, name, value)
            except RefusedError as error:
                problems.append(Problem(field=name, message=error.message))
        if self.steps:
            context = context or Context(data, now, time_zone, MAX_COST)
            problems += self._others(context, data, values)
        return Mapped(values, tuple(problems))

    def _others(
        self, context: Context, data: Mapping[str, Any], values: dict[str, Json]
    ) -> list[Problem]:
        problems = []
        context.scope = self.notation.scope(data)
        for step in self.steps:
            try:
                value = step.made(context, data)
            except RefusedError as error:
                problems.append(Problem(field=step.rule.field, message=error.message))
                continue
            if value is not None:
                values[step.rule.field] = value
        return problems


def _text(context: Context, name: str, value: Json) -> dict[str, Json]:
    """Return the field with a text made of what is none yet, or nothing."""
    one = follow(value, (), Kind.TEXT)
    return {} if one is None else {name: converted(context, Kind.TEXT, one)}


def compile_mapping(
    given: Json, notation: Notation, *, reserved: Collection[str] = ()
) -> CompiledMapping:
    """Return a mapping ready for use, whatever is given; its ``faults`` say what is wrong.

    ``reserved`` are fields that no rule may make.
    """
    rules, faults = read_rules(given, reserved)
    steps = [step_of(index, rule, notation) for index, rule in rules]
    faults += [step.fault for step in steps if step.fault]
    return CompiledMapping(
        rules=tuple(step.rule for step in steps),
        faults=tuple(sorted(faults, key=lambda each: -1 if each.index is None else each.index)),
        notation=notation,
        simple=tuple(step.simple for step in steps if step.simple),
        steps=tuple(step for step in steps if not step.simple),
    )
