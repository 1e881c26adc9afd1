"""Validation rules on the fields of a record type, beside its JSON Schema."""

from records.rules.errors import RuleError
from records.rules.rules import RuleSet, compile_rules

__all__ = ["RuleError", "RuleSet", "compile_rules"]
