"""What the data of a record must look like: rules on fields and JSON Schemas, in bounded time."""

from core.types import Violation
from records.validation.errors import InvalidSchemaError, RuleError, ValidationSetupError
from records.validation.keywords import MAX_WORK_TOGETHER, limited_work
from records.validation.rules import RuleSet, compile_rules
from records.validation.schema_check import RESERVED_PROPERTIES, check_schema
from records.validation.schemas import CompiledSchema, compile_schema
from records.validation.types import MAX_VIOLATIONS

__all__ = [
    "MAX_VIOLATIONS",
    "MAX_WORK_TOGETHER",
    "RESERVED_PROPERTIES",
    "CompiledSchema",
    "InvalidSchemaError",
    "RuleError",
    "RuleSet",
    "ValidationSetupError",
    "Violation",
    "check_schema",
    "compile_rules",
    "compile_schema",
    "limited_work",
]
