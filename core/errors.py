"""What can go wrong in core, one class per thing a caller can act on."""

from typing import Any


class CoreError(Exception):
    """Base of core's errors."""


class DecryptionError(CoreError):
    """A stored secret fits none of the keys in force."""


class InvalidEventError(CoreError):
    """An event may not be published; ``details`` lists what to correct."""

    def __init__(self, message: str, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.details = details or []


class ImmutableError(CoreError):
    """The row is append-only and may not be changed or deleted."""


class ScopeNotAllowedError(CoreError):
    """A credential tried to hand out a scope that it does not hold itself."""


class CredentialStateError(CoreError):
    """The credential is not in a state in which this can be done."""
