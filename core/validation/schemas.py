"""Check data against a JSON Schema, draft 2020-12, with formats asserted."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from jsonschema.exceptions import ValidationError
from referencing import Registry

from core.types import Json, Violation
from core.validation.keywords import BoundedValidator
from core.validation.pattern import PatternLimitError
from core.validation.schema_check import check_schema
from core.validation.sentences import described
from core.validation.types import TOO_COMPLEX, Finding, violations
from core.validation.work import WorkLimitError, limited_work

MAX_FINDINGS = 1_000


class CompiledSchema:
    """A schema ready for use; safe to share between threads."""

    def __init__(self, validator: Any, reserved: Sequence[str]) -> None:
        self._validator = validator
        self._reserved = reserved

    def check(self, data: Mapping[str, Json]) -> tuple[Violation, ...]:
        """Return what is wrong with ``data``, ordered by place; empty when nothing is.

        Data whose check would take more than some seconds are refused as a whole.
        """
        try:
            with limited_work():
                return violations(islice(self._findings(data), MAX_FINDINGS))
        except (WorkLimitError, PatternLimitError, RecursionError):
            return (TOO_COMPLEX,)

    def _findings(self, data: Mapping[str, Json]) -> Iterator[Finding]:
        for name in self._reserved:
            if name in data:
                sentence = "is given by Patchbay; leave it out"
                yield Finding(location=(name,), code="reserved", message=sentence)
        errors: Iterator[ValidationError] = self._validator.iter_errors(data)
        for error in errors:
            problem = described(error)
            location = tuple(error.absolute_path)
            yield Finding(location=location, code=problem.code, message=problem.message)


def compile_schema(schema: Mapping[str, Json], *, reserved: Sequence[str] = ()) -> CompiledSchema:
    """Return the schema ready for use; raise InvalidSchemaError as ``check_schema`` does.

    ``reserved`` are the names that neither the schema nor the data may use at the top.
    """
    check_schema(schema, reserved=reserved)
    # Without "$schema" the library keeps our validator when a reference leads back to the root;
    # the empty registry never fetches anything.
    bare = {name: value for name, value in schema.items() if name not in {"$schema", "$id"}}
    return CompiledSchema(BoundedValidator(bare, registry=Registry()), reserved)
