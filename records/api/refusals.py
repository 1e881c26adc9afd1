"""How the errors of records are answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework import status

from core.api.exceptions import (
    ApiError,
    Conflict,
    InvalidParameter,
    PreconditionFailed,
    Unprocessable,
    as_details,
)
from records.errors import (
    BulkRefusedError,
    CursorExpiredError,
    DuplicateKeyError,
    DuplicateRecordTypeError,
    InvalidCursorError,
    InvalidRecordError,
    InvalidRecordTypeError,
    RecordError,
    RecordTypeInUseError,
    UnknownRecordError,
    UnknownRecordTypeError,
    VersionConflictError,
)

MAX_DETAILS = 200


class Unknown(ApiError):  # noqa: N818  # named like its siblings in REST framework
    """There is nothing of this name or id."""

    status_code = status.HTTP_404_NOT_FOUND
    error = "NOT_FOUND"


class CursorExpired(ApiError):  # noqa: N818
    """The feed no longer reaches back so far."""

    status_code = status.HTTP_410_GONE
    error = "CURSOR_EXPIRED"


@contextmanager
def refusals() -> Iterator[None]:
    """Answer what services refuse."""
    try:
        yield
    except RecordError as error:
        raise refusal(error) from error


def refusal(error: RecordError) -> ApiError:
    """Return the answer to an error of a service."""
    message = str(error)
    match error:
        case UnknownRecordTypeError() | UnknownRecordError():
            return Unknown(message)
        case InvalidRecordError():
            return Unprocessable(message, details=as_details(error.violations, within="data"))
        case InvalidRecordTypeError():
            path = f"{error.field}.{error.path}".rstrip(".").replace(".[", "[")
            details = [{"path": path, "code": "invalid", "message": message}]
            return Unprocessable("The record type is not valid.", details=details)
        case BulkRefusedError():
            return Unprocessable(message, error="BULK_REFUSED", details=_of_each(error))
        case VersionConflictError():
            return PreconditionFailed(message, details={"current_version": error.current})
        case _:
            return _by_state(error, message)


def _by_state(error: RecordError, message: str) -> ApiError:
    match error:
        case DuplicateKeyError():
            details = [{"path": f"data.{error.key_field}", "code": "unique", "message": message}]
            return Conflict(message, error="DUPLICATE_KEY", details=details)
        case DuplicateRecordTypeError():
            return Conflict(message, error="DUPLICATE_RECORD_TYPE", details={"path": "slug"})
        case RecordTypeInUseError():
            return Conflict(message, error="RECORD_TYPE_IN_USE")
        case CursorExpiredError():
            return CursorExpired(message)
        case InvalidCursorError():
            return InvalidParameter(message, error="INVALID_CURSOR", details={"path": "cursor"})
        case _:
            raise error


def _of_each(error: BulkRefusedError) -> list[dict[str, Any]]:
    """Return what is wrong with each record, by its place in the request."""
    details = [
        {**detail, "path": f"records[{failure.index}].{detail['path']}"}
        for failure in error.failures
        for detail in refusal(failure.error).details
    ]
    return details[:MAX_DETAILS]
