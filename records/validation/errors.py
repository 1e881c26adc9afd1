"""What staff can get wrong when they describe what data must look like."""


class ValidationSetupError(ValueError):
    """Base of the errors in rules and schemas, found when they are saved."""


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


class InvalidSchemaError(ValidationSetupError):
    """A JSON Schema that is refused; ``path`` leads to the fault inside the schema."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message
