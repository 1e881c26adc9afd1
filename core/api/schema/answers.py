"""Errors in the API's description: one component for all, one answer for each status."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiResponse

from core.api.schema import headers
from core.api.serializers import ProblemSerializer

JSON = "application/json"
REQUEST_ID = "req_01kaj2v8x5fq3t9w6y4n7m0r2c"

ERROR: dict[str, Any] = {
    "type": "object",
    "description": "The one shape of every error.",
    "required": ["success", "error", "message", "request_id"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "error": {
            "type": "string",
            "description": "What went wrong, for programs. New codes may be added.",
            "pattern": "^[A-Z][A-Z0-9_]*$",
            "examples": ["VALIDATION_FAILED"],
        },
        "message": {
            "type": "string",
            "description": "What went wrong, for people. The wording may change.",
        },
        "details": {
            "description": "Where it went wrong: a list of what to correct, or facts about it.",
            "anyOf": [
                {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
                {"type": "object", "additionalProperties": True},
            ],
        },
        "request_id": {"type": "string", "description": "Name it when you ask for help."},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """What every operation that answers ``status_code`` answers with it."""

    status_code: str
    name: str
    description: str
    code: str
    message: str
    details: Any = None
    headers: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Return the answer as a component."""
        example = {"success": False, "error": self.code, "message": self.message}
        if self.details is not None:
            example["details"] = self.details
        example["request_id"] = REQUEST_ID
        return {
            "description": self.description,
            "headers": headers.refs((*headers.ALWAYS, *self.headers)),
            "content": {JSON: {"schema": ref("schemas", "Error"), "example": example}},
        }


ON_ALL = (
    ErrorAnswer(
        status_code="400",
        name="BadRequest",
        description=(
            "The request is malformed. `INVALID_PARAMETER`: a query parameter; `INVALID_CURSOR`: a"
            " cursor; `INVALID_JSON`: the body is no JSON; `INVALID_REQUEST`: a header or the URL."
        ),
        code="INVALID_PARAMETER",
        message="limit must be a whole number from 1 to 200.",
        details={"path": "limit"},
        headers=headers.RATE,
    ),
    ErrorAnswer(
        status_code="401",
        name="Unauthorized",
        description=(
            "`UNAUTHENTICATED`: there is no credential. `INVALID_CREDENTIALS`: it is unknown,"
            " expired or revoked."
        ),
        code="INVALID_CREDENTIALS",
        message="The API key or access token is unknown, expired or revoked.",
        headers=("WWW-Authenticate",),
    ),
    ErrorAnswer(
        status_code="403",
        name="Forbidden",
        description="`INSUFFICIENT_SCOPE`: the credential lacks the scope.",
        code="INSUFFICIENT_SCOPE",
        message="This needs the scope records:write, which the credential does not have.",
        details={"required": "records:write", "granted": ["records:read"]},
        headers=headers.RATE,
    ),
    ErrorAnswer(
        status_code="406",
        name="NotAcceptable",
        description="`NOT_ACCEPTABLE`: the API answers with application/json only.",
        code="NOT_ACCEPTABLE",
        message="This API answers with application/json only.",
    ),
    ErrorAnswer(
        status_code="429",
        name="TooManyRequests",
        description="`RATE_LIMITED`: the rate limit is used up.",
        code="RATE_LIMITED",
        message="Request was throttled. Expected available in 1 second.",
        headers=(*headers.RATE, "Retry-After"),
    ),
    ErrorAnswer(
        status_code="500",
        name="InternalServerError",
        description="`INTERNAL_ERROR`: a fault of this installation, which has logged it.",
        code="INTERNAL_ERROR",
        message="Something went wrong on our side.",
    ),
    ErrorAnswer(
        status_code="503",
        name="ServiceUnavailable",
        description="`UNAVAILABLE`: the database does not answer. Nothing was changed.",
        code="UNAVAILABLE",
        message="The database is not available; try again in a moment.",
        headers=("Retry-After",),
    ),
)
ON_PATHS_WITH_PARAMETERS = (
    ErrorAnswer(
        status_code="404",
        name="NotFound",
        description="`NOT_FOUND`: there is nothing of this id or name, or it is not yours.",
        code="NOT_FOUND",
        message="There is nothing at this URL, or it is not yours.",
        headers=headers.RATE,
    ),
)
ON_WRITES = (
    ErrorAnswer(
        status_code="411",
        name="LengthRequired",
        description="`LENGTH_REQUIRED`: the body was sent without Content-Length.",
        code="LENGTH_REQUIRED",
        message="Send the body with Content-Length, not in chunks.",
    ),
    ErrorAnswer(
        status_code="413",
        name="ContentTooLarge",
        description="`PAYLOAD_TOO_LARGE`: the body is too large.",
        code="PAYLOAD_TOO_LARGE",
        message="The body may have at most 5242880 bytes.",
    ),
    ErrorAnswer(
        status_code="415",
        name="UnsupportedMediaType",
        description="`UNSUPPORTED_MEDIA_TYPE`: the body is no JSON by its Content-Type.",
        code="UNSUPPORTED_MEDIA_TYPE",
        message="Send the body as application/json.",
        headers=headers.RATE,
    ),
    ErrorAnswer(
        status_code="422",
        name="UnprocessableContent",
        description=(
            "`VALIDATION_FAILED`: well-formed, but it says something that may not be; `details`"
            " lists all there is to correct. `IDEMPOTENCY_KEY_REUSED`: the key belongs to another"
            " request."
        ),
        code="VALIDATION_FAILED",
        message="The data of the record is not valid.",
        details=[{"path": "data.number", "code": "required", "message": "is required"}],
        headers=headers.RATE,
    ),
)


def ref(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def error_answer(description: str) -> Any:
    """Return the answer to an error that only some operations give, for ``responses``."""
    return OpenApiResponse(ref("schemas", "Error"), description=description)


def register(registry: Any, kind: str, name: str, schema: dict[str, Any]) -> dict[str, str]:
    """Make a component known, once, and return a reference to it."""
    component: Any = ResolvedComponent(  # type: ignore[no-untyped-call]
        name=name, type=kind, object=name, schema=schema
    )
    registry.register_on_missing(component)
    return ref(kind, name)


def register_error(auto_schema: Any) -> None:
    """Make the one shape of errors known, and what it refers to."""
    auto_schema.resolve_serializer(ProblemSerializer, "response")
    register(auto_schema.registry, ResolvedComponent.SCHEMA, "Error", ERROR)
