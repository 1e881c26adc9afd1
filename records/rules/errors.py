"""What staff can get wrong in the rules of a record type."""

from core.validation import ValidationSetupError


class RuleError(ValidationSetupError):
    """A validation rule that cannot be followed.

    ``index`` counts the rules from 1, as the message does; ``field`` is the field as written.
    """

    def __init__(self, index: int, field: str, message: str) -> None:
        named = f" ({field})" if field else ""
        super().__init__(f"Rule {index}{named}: {message}")
        self.index = index
        self.field = field
        self.message = message
