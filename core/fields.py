"""Model fields of our own that are not about encryption or ids."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from core import strict_json


class JsonTextField(models.TextField[Any, Any]):
    """JSON kept as text: the order of keys and the spelling of numbers survive on every database.

    For what is written once and sent on as it is. It cannot be filtered by content.
    """

    description = "JSON text"

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else strict_json.dumps(value).decode()

    def from_db_value(
        self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
