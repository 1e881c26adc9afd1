"""Reading the rules of a mapping from JSON, with all that is wrong in them."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from core.types import Json
from records.mapping.types import Fault, Kind, Rule

MAX_RULES: Final = 100
MAX_PATH_CHARACTERS: Final = 500

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_KEYS = ("field", "path", "expression", "type", "required", "default")


def read_rules(
    given: Json, reserved: Collection[str] = ()
) -> tuple[list[tuple[int, Rule]], list[Fault]]:
    """Return the rules that can be read, each with its index, and what is wrong with the others.

    ``reserved`` are fields that no rule may make.
    """
    if not isinstance(given, list | tuple):
        return [], [Fault(index=None, key="", message="a mapping is a list of rules, […]")]
    if len(given) > MAX_RULES:
        message = f"a mapping has at most {MAX_RULES} rules, this one has {len(given)}"
        return [], [Fault(index=None, key="", message=message)]
    rules: list[tuple[int, Rule]] = []
    faults: list[Fault] = []
    taken = dict.fromkeys(reserved, "the product gives it itself")
    for index, each in enumerate(given):
        found = [Fault(index=index, key=key, message=text) for key, text in _faults(each, taken)]
        faults += found
        if isinstance(each, Mapping) and isinstance(each.get("field"), str):
            taken.setdefault(str(each["field"]), f"rule {index + 1} makes it already")
        if isinstance(each, Mapping) and not found:
            rules.append((index, _rule(each)))
    return rules, faults


def _faults(rule: Json, taken: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not isinstance(rule, Mapping):
        yield "", 'write an object such as {"field": "city", "path": "addresses.locality"}'
        return
    for key in rule:
        if key not in _KEYS:
            yield "", f'the key "{key[:40]}" is unknown; the keys are {", ".join(_KEYS)}'
    yield from _field_faults(rule.get("field"), taken)
    yield from _source_faults(rule)
    if rule.get("type", Kind.TEXT) not in list(Kind):
        yield "type", f"the types are {', '.join(Kind)}"
    if not isinstance(rule.get("required", False), bool):
        yield "required", "write true or false"


def _field_faults(field: Json, taken: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        yield (
            "field",
            "give the name of the field: a letter, then letters, digits and _, at most 63",
        )
    elif field in taken:
        yield "field", f"{field} is taken: {taken[field]}"


def _source_faults(rule: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    given = [key for key in ("path", "expression") if rule.get(key) not in (None, "")]
    if len(given) != 1:
        yield "path", "give either a path or an expression"
    for key in given:
        if not isinstance(rule[key], str):
            yield key, "write a text"
    path = rule.get("path")
    if isinstance(path, str) and len(path) > MAX_PATH_CHARACTERS:
        yield "path", f"a path has at most {MAX_PATH_CHARACTERS} characters"


def _rule(rule: Mapping[str, Json]) -> Rule:
    return Rule(
        field=str(rule["field"]),
        path=str(rule.get("path") or "").strip(),
        expression=str(rule.get("expression") or ""),
        kind=Kind(str(rule.get("type", Kind.TEXT))),
        required=rule.get("required") is True,
        default=rule.get("default"),
    )
