"""What people can get wrong when they describe what data must look like."""


class ValidationSetupError(ValueError):
    """Base of the errors in rules and schemas, found when they are saved."""


class InvalidSchemaError(ValidationSetupError):
    """A JSON Schema that is refused; ``path`` leads to the fault inside the schema."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message
