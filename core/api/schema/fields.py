"""Fields in the API's description that REST framework alone does not tell apart."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from core.ids import ALPHABET, SUFFIX_LENGTH, PrefixedIdField


def id_schema(prefix: str) -> dict[str, Any]:
    """Return the schema of an id such as ``rec_01kaj2v8x5fq3t9w6y4n7m0r2c``."""
    # 26 characters hold 130 bits: the first of them can only be 0 to 7.
    pattern = f"^{prefix}_[0-7][{ALPHABET}]{{{SUFFIX_LENGTH - 1}}}$"
    return {"type": "string", "pattern": pattern}


class IdSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Ids are UUIDs in the database alone."""

    target_class = serializers.UUIDField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        field = self.target
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        column = model and model._meta.get_field(field.source)  # noqa: SLF001  # Django's documented API
        if isinstance(column, PrefixedIdField):
            return id_schema(column.prefix)
        return {"type": "string", "format": "uuid"}


def bound_list(field: Any, schema: dict[str, Any]) -> None:
    """Say how many items a list takes, if it is one."""
    if not issubclass(type(field), serializers.ListSerializer | serializers.ListField):
        return
    smallest = field.min_length if field.allow_empty else max(1, field.min_length or 1)
    bounds = {"minItems": smallest, "maxItems": field.max_length}
    schema.update({name: bound for name, bound in bounds.items() if bound is not None})


def forbid_empty(schema: dict[str, Any]) -> None:
    """Say that a parameter without a value is refused."""
    if schema.get("type") == "string" and not {"enum", "format"} & set(schema):
        schema["minLength"] = 1
    if schema.get("type") == "array":
        schema["minItems"] = 1
        forbid_empty(schema["items"])
