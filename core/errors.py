"""What can go wrong in core, one class per thing a caller can act on."""

from core.types import Violation


class CoreError(Exception):
    """Base of core's errors."""


class DecryptionError(CoreError):
    """A stored secret fits none of the keys in force."""


class InvalidEventError(CoreError):
    """The data of an event does not fit; ``violations`` lists what to correct."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


class InvalidEventTypeError(CoreError):
    """No event type can be named so; the message says what a name looks like."""


class ReservedEventTypeError(CoreError):
    """Only the product itself publishes events of this type."""


class DuplicateEventTypeError(CoreError):
    """The tenant has defined an event type of this name already."""


class DispatchFailedError(CoreError):
    """The events of ``tenants`` (ids) could not be handed out; they wait and will be tried again."""

    def __init__(self, tenants: tuple[str, ...]) -> None:
        super().__init__(
            f"events of {len(tenants)} tenants could not be handed out: {', '.join(tenants)}"
        )
        self.tenants = tenants


class ImmutableError(CoreError):
    """The row is append-only and may not be changed or deleted."""


class ScopeNotAllowedError(CoreError):
    """A credential tried to hand out a scope that it does not hold itself."""


class CredentialStateError(CoreError):
    """The credential is not in a state in which this can be done."""


class UnreadableSecretsError(CoreError):
    """Some stored secrets fit none of the keys in force, or could not be encrypted anew."""
