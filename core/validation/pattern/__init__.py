"""Regular expressions that cannot hang a process, for patterns by staff on input by tenants.

Python's ``re`` tries alternatives one after the other, and some innocent patterns (``(a+)+$``)
take it exponential time. Recognizing those by their looks is guesswork, so this package runs the
regular part of the ECMAScript syntax, the one JSON Schema names, on an automaton: every character
of the input is looked at once. What no automaton can do (backreferences, lookaround) is refused
when a pattern is saved.
"""

from core.validation.pattern.matcher import Pattern, PatternLimitError, compile_pattern
from core.validation.pattern.nodes import PatternError

__all__ = ["Pattern", "PatternError", "PatternLimitError", "compile_pattern"]
