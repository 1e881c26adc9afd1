"""Validation rules on fields, in the short notation that staff write.

``{"field": "user.email", "type": "email", "required": true}``. Keys: ``field``, ``type``,
``format`` (of a phone), ``validator`` (several separated by ``|``; ``regex:`` takes the rest of the
text, so it comes last), ``required``, ``message`` (said in place of our sentence).

A field that is missing or null is only checked for ``required``, which text made of blanks does
not meet either. Of each rule, the first check that fails is reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from core.types import Json, Violation
from core.validation.checks import Check, named_type, named_validator, phone_in_format
from core.validation.errors import ValidationSetupError
from core.validation.types import TOO_COMPLEX, Finding, violations
from core.validation.work import WorkLimitError, limited_work, spend
from records.rules.errors import RuleError
from records.rules.fields import EACH, Absent, Step, find, parse_field

MAX_RULES = 200
MAX_VALIDATORS = 20
MAX_VALIDATOR_CHARACTERS = 1_000
MAX_MESSAGE_CHARACTERS = 500
MAX_FINDINGS = 1_000

_KEYS = ("field", "type", "format", "validator", "required", "message")
_PARENTS = {
    Absent.NOT_AN_OBJECT: ("object", "must be an object"),
    Absent.NOT_A_LIST: ("list", "must be a list"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One compiled rule."""

    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    required: bool
    message: str

    def findings(self, data: Mapping[str, Json]) -> Iterator[Finding]:
        """Yield what is wrong with each value that the rule is about."""
        for target in find(self.steps, data):
            spend(1 + len(self.checks))
            if problem := self._problem(target.value):
                code, sentence = problem
                yield Finding(location=target.location, code=code, message=self.message or sentence)

    def _problem(self, value: Json | Absent) -> tuple[str, str] | None:
        if isinstance(value, Absent) and value in _PARENTS:
            return _PARENTS[value]
        if isinstance(value, Absent) or value is None:
            return ("required", "is required") if self.required else None
        if self.required and isinstance(value, str) and not value.strip():
            return ("required", "is required")
        problems = (check(value) for check in self.checks)
        problem = next((problem for problem in problems if problem), None)
        return (problem.code, problem.message) if problem else None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one record type; safe to share between threads."""

    rules: tuple[Rule, ...]

    def check(self, data: Mapping[str, Json]) -> tuple[Violation, ...]:
        """Return what is wrong with ``data``, ordered by place; empty when nothing is.

        Data whose check would take more than some seconds are refused as a whole.
        """
        found = (finding for rule in self.rules for finding in rule.findings(data))
        try:
            with limited_work():
                return violations(islice(found, MAX_FINDINGS))
        except WorkLimitError:
            return (TOO_COMPLEX,)


def compile_rules(rules: Sequence[Mapping[str, Json]], record_type: str = "") -> RuleSet:
    """Return the rules ready for use; raise RuleError for the first that cannot be followed.

    A first step that names ``record_type``, in upper or lower case, means the record itself:
    for the type ``user``, ``user.email`` is the field ``email``. A field called like its type is
    written in full, ``user.user.email``.
    """
    if not isinstance(rules, list | tuple):
        raise ValidationSetupError("Validation rules are a list of objects, each with a field")
    if len(rules) > MAX_RULES:
        raise ValidationSetupError(f"There are at most {MAX_RULES} rules, not {len(rules)}")
    return RuleSet(
        tuple(_compile_rule(index, rule, record_type) for index, rule in enumerate(rules, start=1))
    )


def _compile_rule(index: int, rule: Json, record_type: str) -> Rule:
    if not isinstance(rule, Mapping):
        raise RuleError(index, "", 'write an object such as {"field": "email", "type": "email"}')
    field = rule.get("field")
    if not isinstance(field, str) or not field:
        raise RuleError(index, "", 'give the "field" it is about, such as "user.email"')
    try:
        return _compiled(rule, field, record_type)
    except ValueError as exc:
        raise RuleError(index, field, str(exc)) from None


def _compiled(rule: Mapping[str, Json], field: str, record_type: str) -> Rule:
    for key in rule:
        if key not in _KEYS:
            raise ValidationSetupError(
                f'the key "{key}" is unknown; the keys are {", ".join(_KEYS)}'
            )
    names = _validator_names(rule)
    required = rule.get("required", False)
    if not isinstance(required, bool):
        raise ValidationSetupError('"required" is true or false')
    checks = (
        *_type_checks(rule),
        *(named_validator(name) for name in names if name != "required"),
    )
    if not (checks or required or "required" in names):
        raise ValidationSetupError(
            'it checks nothing; give a "type", a "validator" or "required": true'
        )
    return Rule(
        steps=_steps(field, record_type),
        checks=checks,
        required=required or "required" in names,
        message=_message(rule),
    )


def _steps(field: str, record_type: str) -> tuple[Step, ...]:
    steps = parse_field(field)
    first = steps[0]
    names_type = isinstance(first, str) and first.casefold() == record_type.casefold()
    return steps[1:] if names_type and len(steps) > 1 and steps[1] is not EACH else steps


def _type_checks(rule: Mapping[str, Json]) -> tuple[Check, ...]:
    name = rule.get("type")
    if name is not None and not isinstance(name, str):
        raise ValidationSetupError('"type" is a name such as "email"')
    if "format" not in rule:
        return () if name is None else (named_type(name),)
    phone_format = rule["format"]
    if name != "phone" or not isinstance(phone_format, str):
        raise ValidationSetupError(
            'only a phone has a format: "type": "phone", "format": "international"'
        )
    return (phone_in_format(phone_format),)


def _validator_names(rule: Mapping[str, Json]) -> list[str]:
    text = rule.get("validator", "")
    if not isinstance(text, str) or (not text and "validator" in rule):
        raise ValidationSetupError('"validator" is text such as "min:18" or "min:18|max:120"')
    if len(text) > MAX_VALIDATOR_CHARACTERS:
        raise ValidationSetupError(f"a validator has at most {MAX_VALIDATOR_CHARACTERS} characters")
    names: list[str] = []
    while text:
        if text.lstrip().startswith("regex:"):
            name, text = text.lstrip(), ""
        else:
            name, _, text = text.partition("|")
        names.append(name.strip())
    if len(names) > MAX_VALIDATORS:
        raise ValidationSetupError(
            f"a rule has at most {MAX_VALIDATORS} validators, not {len(names)}"
        )
    return names


def _message(rule: Mapping[str, Json]) -> str:
    message = rule.get("message", "")
    if not isinstance(message, str) or len(message) > MAX_MESSAGE_CHARACTERS:
        raise ValidationSetupError(
            f'"message" is text of at most {MAX_MESSAGE_CHARACTERS} characters'
        )
    return message
