"""Definitions as object literals, in the shapes that services document.

::

    { event: 'user.created', webhook: 'https://crm.example/hook', payload: { id: '{{user.id}}' } }
    { method: 'POST', url: 'https://crm.example/hook', headers: { … }, body: { … } }
    { url: 'https://chat.example/hook/1', content: 'New: {{user.name}}' }
    { url: …, method: …, headers: { … }, events: ['user.created', 'user.deleted'] }

In the third shape, whatever is not about the request is its body.
"""

import re

from core.templating import Hole, RelaxedJson
from core.types import Json
from webhooks.definitions.members import Members, members_of
from webhooks.definitions.payloads import payload_of_value
from webhooks.definitions.triggers import read_trigger
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
    value = members_of(text)
    inner = value.get("config")
    if isinstance(inner, dict) and value.get("type") == "webhook" and set(value) <= _WRAPPING:
        value = inner
    return _Reader(text, value).fields()


class _Reader(Members):
    def fields(self) -> SubscriptionFields:
        fields = SubscriptionFields()
        for key, field in _TEXTS.items():
            if key in self.left:
                fields[field] = self.take_text(key)  # type: ignore[literal-required]
        if "method" in self.left:
            fields["method"] = self.take_text("method").upper()
        if triggers := self._triggers():
            fields["event_types"] = triggers
        headers = self.take_headers()
        if headers:
            fields["headers"] = headers
        if policy := self._retry_policy():
            fields["retry_policy"] = policy
        fields.update(self._payload(headers))
        return fields

    def _triggers(self) -> list[str]:
        found: list[str] = []
        for key in ("event", "trigger", "events"):
            value = self.left.pop(key, None)
            for phrase in value if isinstance(value, list) else [value]:
                if phrase is None:
                    continue
                if not isinstance(phrase, str):
                    raise self.error(f'"{key}" must be an event type, or a list of them', key)
                found += [
                    each for each in read_trigger(phrase, self.line(key)) if each not in found
                ]
        return found

    def _retry_policy(self) -> dict[str, Json]:
        return {
            key: self._plain(self.left.pop(key), key) for key in list(self.left) if key in _RETRIES
        }

    def _plain(self, value: RelaxedJson, key: str) -> Json:
        if isinstance(value, list):
            return [self._plain(item, key) for item in value]
        if isinstance(value, Hole | dict):
            raise self.error(f'"{key}" must be a number, or a list of them', key)
        return value

    def _payload(self, headers: list[HeaderField]) -> SubscriptionFields:
        named = [key for key in _PAYLOADS if key in self.left]
        if named:
            payload = self.left.pop(named[0])
            for key in self.left:
                raise self.error(f'"{key}" is not known beside "{named[0]}"', key)
            return payload_of_value(payload, headers)
        return payload_of_value(self.left, headers) if self.left else SubscriptionFields()
