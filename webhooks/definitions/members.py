"""The members of an object literal that somebody pasted, taken one by one."""

import re

from core.templating import RelaxedJson, TemplateError, parse_relaxed_json
from webhooks.errors import DefinitionError
from webhooks.types import HeaderField


class Members:
    """What is left of an object after its members have been taken; knows where each one stands."""

    def __init__(self, text: str, members: dict[str, RelaxedJson]) -> None:
        self._text = text
        self.left = dict(members)

    def take_text(self, key: str) -> str:
        """Take a member that must be text; raise DefinitionError when it is not."""
        value = self.left.pop(key)
        if not isinstance(value, str):
            raise self.error(f'"{key}" must be a text in quotes', key)
        return value

    def take_headers(self) -> list[HeaderField]:
        """Take the headers, none if there are none; raise DefinitionError for what is no text."""
        value = self.left.pop("headers", None) or {}
        if isinstance(value, dict):
            return [self._header(name, text) for name, text in value.items()]
        raise self.error("\"headers\" must be an object such as { 'X-Team': 'sales' }", "headers")

    def _header(self, name: str, value: RelaxedJson) -> HeaderField:
        if not isinstance(value, str):
            raise self.error(f'The value of the header "{name}" must be a text in quotes', name)
        return {"name": name, "value": value}

    def error(self, message: str, key: str) -> DefinitionError:
        """Return an error that says where ``key`` stands."""
        return DefinitionError(message, self.line(key))

    def line(self, key: str) -> int:
        """Return the line on which ``key`` stands in front of a colon."""
        found = re.search(rf"(?<![\w$-])['\"]?{re.escape(key)}['\"]?\s*:", self._text)
        return self._text.count("\n", 0, found.start() + 1) + 1 if found else 1


def members_of(text: str) -> dict[str, RelaxedJson]:
    """Return the members of an object literal; raise DefinitionError with the line that is wrong."""
    try:
        value = parse_relaxed_json(text.rstrip().removesuffix(";"))
    except TemplateError as error:
        raise DefinitionError(error.message, error.line) from error
    if not isinstance(value, dict):
        raise DefinitionError("A definition is one object: { … }", 1)
    return value
