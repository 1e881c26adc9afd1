"""What can go wrong before SCIM itself begins, as it is answered (RFC 7644, section 3.12).

What staff can get wrong is here as well; that is answered by forms.
"""

from collections.abc import Sequence
from typing import Any

from scim2_models import InvalidSyntaxException, SCIMException, UnauthorizedException

from records.mapping import Fault


class WrongTokenError(UnauthorizedException):
    """The token opens nothing here: unknown, expired, or of another tenant."""

    _default_detail = "The token is missing, unknown, expired, or not one for this directory"


class DirectoryClosedError(SCIMException):
    """The tenant has no directory, or has switched it off."""

    status = 403
    _default_detail = "This tenant's directory is not switched on; its staff can do that"


class RateLimitedError(SCIMException):
    """Too many requests; ``retry_after`` is in seconds."""

    status = 429
    _default_detail = "Too many requests; try again later"

    def __init__(self, *, retry_after: int, **options: Any) -> None:
        super().__init__(**options)
        self.retry_after = retry_after


class UnavailableError(SCIMException):
    """The database is away for now."""

    status = 503
    _default_detail = "The database is not available; try again in a moment"


class InvalidJsonError(InvalidSyntaxException):
    """The body is not JSON, or JSON that two readers could understand differently."""


class InvalidMappingError(ValueError):
    """A mapping that cannot be followed; ``faults`` say what to correct, and where."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(each) for each in faults))
        self.faults = tuple(faults)


class UnknownVersionError(LookupError):
    """The tenant's mapping has no such version."""

    def __init__(self, version: int) -> None:
        super().__init__(f"There is no version {version} of this mapping.")


class NothingToTryError(LookupError):
    """A logged request gives nothing that a mapping could be tried on; the message says why."""
