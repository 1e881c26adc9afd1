"""Definitions as object literals, in the shapes that services document.

::

    { event: 'user.created', webhook: 'https://crm.example/hook', payload: { id: '{{user.id}}' } }
    { method: 'POST', url: 'https://crm.example/hook', headers: { … }, body: { … } }
    { url: 'https://chat.example/hook/1', content: 'New: {{user.name}}' }
    { url: …, method: …, headers: { … }, events: ['user.created', 'user.deleted'] }

In the third shape, whatever is not about the request is its body.
"""

import re
from collections.abc import Mapping

from core.templating import Hole, RelaxedJson, TemplateError, parse_relaxed_json
from core.types import Json
from webhooks.definitions.payloads import payload_of_value
from webhooks.definitions.triggers import read_trigger
from webhooks.errors import DefinitionError
from webhooks.types import HeaderField, SubscriptionFields

_START = re.compile(r"(?:\s|//[^\n]*(?:\n|\Z)|/\*.*?\*/)*\{", re.DOTALL)
_TEXTS = {"url": "url", "webhook": "url", "name": "name", "description": "description"}
_PAYLOADS = ("payload", "body", "data")
_RETRIES = frozenset({"maxRetries", "retryDelay", "backoffMultiplier", "maxDelay", "retryOnStatus"})
# What {type: 'webhook', config: {…}} is wrapped in besides.
_WRAPPING = frozenset({"type", "config", "isActive"})


def is_object(text: str) -> bool:
    """Say whether ``text`` is an object literal, comments before it aside."""
    return _START.match(text) is not None


def read_object(text: str) -> SubscriptionFields:
    """Return the fields of an object literal; raise DefinitionError with the line that is wrong."""
    try:
        value = parse_relaxed_json(text.rstrip().removesuffix(";"))
    except TemplateError as error:
        raise DefinitionError(error.message, error.line) from error
    if not isinstance(value, dict):
        raise DefinitionError("A definition is one object: { … }", 1)
    inner = value.get("config")
    if isinstance(inner, dict) and value.get("type") == "webhook" and set(value) <= _WRAPPING:
        value = inner
    return _Reader(text, value).fields()


class _Reader:
    def __init__(self, text: str, members: Mapping[str, RelaxedJson]) -> None:
        self._text = text
        self._left = dict(members)

    def fields(self) -> SubscriptionFields:
        fields = SubscriptionFields()
        for key, field in _TEXTS.items():
            if key in self._left:
                fields[field] = self._take_text(key)  # type: ignore[literal-required]
        if "method" in self._left:
            fields["method"] = self._take_text("method").upper()
        if triggers := self._triggers():
            fields["event_types"] = triggers
        headers = self._headers()
        if headers:
            fields["headers"] = headers
        if policy := self._retry_policy():
            fields["retry_policy"] = policy
        fields.update(self._payload(headers))
        return fields

    def _take_text(self, key: str) -> str:
        value = self._left.pop(key)
        if not isinstance(value, str):
            raise self._error(f'"{key}" must be a text in quotes', key)
        return value

    def _triggers(self) -> list[str]:
        found: list[str] = []
        for key in ("event", "trigger", "events"):
            value = self._left.pop(key, None)
            for phrase in value if isinstance(value, list) else [value]:
                if phrase is None:
                    continue
                if not isinstance(phrase, str):
                    raise self._error(f'"{key}" must be an event type, or a list of them', key)
                found += [
                    each for each in read_trigger(phrase, self._line(key)) if each not in found
                ]
        return found

    def _headers(self) -> list[HeaderField]:
        value = self._left.pop("headers", None) or {}
        if isinstance(value, dict):
            return [self._header(name, text) for name, text in value.items()]
        raise self._error("\"headers\" must be an object such as { 'X-Team': 'sales' }", "headers")

    def _header(self, name: str, value: RelaxedJson) -> HeaderField:
        if not isinstance(value, str):
            raise self._error(f'The value of the header "{name}" must be a text in quotes', name)
        return {"name": name, "value": value}

    def _retry_policy(self) -> dict[str, Json]:
        return {
            key: self._plain(self._left.pop(key), key)
            for key in list(self._left)
            if key in _RETRIES
        }

    def _plain(self, value: RelaxedJson, key: str) -> Json:
        if isinstance(value, list):
            return [self._plain(item, key) for item in value]
        if isinstance(value, Hole | dict):
            raise self._error(f'"{key}" must be a number, or a list of them', key)
        return value

    def _payload(self, headers: list[HeaderField]) -> SubscriptionFields:
        named = [key for key in _PAYLOADS if key in self._left]
        if named:
            payload = self._left.pop(named[0])
            for key in self._left:
                raise self._error(f'"{key}" is not known beside "{named[0]}"', key)
            return payload_of_value(payload, headers)
        return payload_of_value(self._left, headers) if self._left else SubscriptionFields()

    def _error(self, message: str, key: str) -> DefinitionError:
        return DefinitionError(message, self._line(key))

    def _line(self, key: str) -> int:
        """Return the line on which ``key`` stands in front of a colon."""
        found = re.search(rf"(?<![\w$-])['\"]?{re.escape(key)}['\"]?\s*:", self._text)
        return self._text.count("\n", 0, found.start() + 1) + 1 if found else 1
