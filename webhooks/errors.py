"""What can go wrong in webhooks, one class per thing a caller can act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from core.expressions import ExpressionError
from core.templating import TemplateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to correct. ``path`` names the field, ``headers[0].value`` for one inside a list.

    ``line`` and ``column`` count from 1 in the field's own text; 0 when they say nothing.
    """

    path: str
    code: str
    message: str
    line: int = 0
    column: int = 0

    @classmethod
    def within(cls, path: str, code: str, error: ExpressionError | TemplateError) -> Self:
        """Return what is wrong inside the text of a field."""
        return cls(
            path=path, code=code, message=error.message, line=error.line, column=error.column
        )

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem as API answers list it."""
        plain: dict[str, str | int] = {
            "path": self.path,
            "code": self.code,
            "message": self.message,
        }
        if self.line:
            plain |= {"line": self.line, "column": self.column}
        return plain


class WebhookError(Exception):
    """Base of the errors of webhooks."""


class InvalidSubscriptionError(WebhookError):
    """A subscription may not be saved or rendered; ``problems`` lists all there is to correct."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.path}: {each.message}" for each in self.problems))


class InvalidEndpointError(WebhookError):
    """An endpoint may not be saved; ``problems`` lists all there is to correct."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{each.path}: {each.message}" for each in self.problems))


class RotationRefusedError(WebhookError):
    """The secret cannot be replaced now, or not in this way."""


class NotReplayableError(WebhookError):
    """The delivery cannot be sent again, or not sooner, in the state that it is in."""


class SampleRefusedError(WebhookError):
    """No sample can be sent to this endpoint; the message says why."""


class TooManyMessagesError(WebhookError):
    """So many messages are not replayed by one request; ``count`` says how many there are."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            f"There are {count} messages to replay, and at most {most} are replayed at once;"
            " choose a shorter time."
        )
        self.count = count


class SubscriptionDisabledError(WebhookError):
    """The subscription is switched off, and nothing is sent to it."""


class TenantInactiveError(WebhookError):
    """The tenant is switched off, and nothing is sent for it."""


class RenderError(WebhookError):
    """A request cannot be made from its templates; ``part`` is url, payload, filter or a header.

    Final: the same event and the same templates give the same error. The message names kinds of
    values, never the values themselves.
    """

    def __init__(
        self, part: str, message: str, *, code: str, line: int = 0, column: int = 0
    ) -> None:
        place = f" (line {line}, column {column})" if line else ""
        super().__init__(f"{part}: {message}{place}")
        self.problem = Problem(path=part, code=code, message=message, line=line, column=column)


class DefinitionError(WebhookError):
    """A pasted definition cannot be read; ``line`` counts from 1 in the text that was pasted."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"{message} (line {line})")
        self.message = message
        self.line = line
