"""Definitions as labeled lines, as people write them down for one another.

::

    Webhook: Tell the warehouse
    Trigger: Order created
    URL: https://warehouse.example/orders
    Headers:
      Authorization: Bearer {{config.warehouse_key}}
    Payload:
      {"number": "{{order.id}}"}

A payload goes on to the end of the text, so it comes last.
"""

import re
import textwrap
from dataclasses import dataclass, field

from webhooks.definitions.payloads import payload_of_text
from webhooks.definitions.triggers import read_trigger
from webhooks.errors import DefinitionError
from webhooks.types import HeaderField, SubscriptionFields

_LABELS = {
    "webhook": "name",
    "name": "name",
    "description": "description",
    "trigger": "trigger",
    "triggers": "trigger",
    "event": "trigger",
    "events": "trigger",
    "filter": "filter",
    "condition": "filter",
    "url": "url",
    "method": "method",
    "headers": "headers",
    "payload": "payload",
    "body": "payload",
}
_LINE = re.compile(r"(?P<indent>\s*)(?P<label>[^\s:][^:]*?)\s*:(?:\s+|$)(?P<value>.*?)\s*")


@dataclass
class _Block:
    fields: SubscriptionFields = field(default_factory=SubscriptionFields)
    headers: list[HeaderField] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    in_headers: bool = False


def read_block(text: str) -> SubscriptionFields:
    """Return the fields of a block; raise DefinitionError with the line that does not fit."""
    lines = text.splitlines()
    block = _Block()
    base = _indent(next(line for line in lines if line.strip()))
    payload: str | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        label, value = _label_of(line, base, number)
        known = _LABELS.get(label.lower()) if _indent(line) <= base else None
        if known == "payload":
            payload = _rest(value, lines[number:])
            break
        _take(block, known, label, value, number)
    if block.headers:
        block.fields["headers"] = block.headers
    if payload is not None:
        block.fields.update(payload_of_text(payload, block.headers))
    return block.fields


def _label_of(line: str, base: int, number: int) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise DefinitionError('A line of the form "Label: value" was expected', number)
    return found["label"], found["value"]


def _take(block: _Block, known: str | None, label: str, value: str, number: int) -> None:
    if known is None:
        if not block.in_headers:
            labels = "Webhook, Trigger, Filter, URL, Method, Headers, Payload"
            raise DefinitionError(f'"{label[:40]}" is not known; the labels are {labels}', number)
        block.headers.append({"name": label, "value": value})
        return
    if known in block.seen:
        raise DefinitionError(f'"{label}" is given twice', number)
    block.seen.add(known)
    block.in_headers = known == "headers"
    if known == "headers":
        if value:
            raise DefinitionError("Write each header on a line of its own below Headers", number)
    elif known == "trigger":
        block.fields["event_types"] = read_trigger(value, number)
    elif not value:
        raise DefinitionError(f'There is nothing after "{label}"', number)
    elif known == "method":
        block.fields["method"] = value.upper()
    else:
        block.fields[known] = value  # type: ignore[literal-required]  # one of the labels above


def _rest(first: str, lines: list[str]) -> str:
    below = textwrap.dedent("\n".join(lines)).rstrip()
    return f"{first}\n{below}".strip() if first else below.strip("\n")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
