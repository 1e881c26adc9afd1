"""What JSON data must look like: JSON Schemas and named checks of values, in bounded time."""

from core.types import Violation
from core.validation.errors import InvalidSchemaError, ValidationSetupError
from core.validation.schema_check import check_schema
from core.validation.schemas import CompiledSchema, compile_schema
from core.validation.types import MAX_VIOLATIONS, TOO_COMPLEX
from core.validation.work import MAX_WORK_TOGETHER, WorkLimitError, limited_work

__all__ = [
    "MAX_VIOLATIONS",
    "MAX_WORK_TOGETHER",
    "TOO_COMPLEX",
    "CompiledSchema",
    "InvalidSchemaError",
    "ValidationSetupError",
    "Violation",
    "WorkLimitError",
    "check_schema",
    "compile_schema",
    "limited_work",
]
