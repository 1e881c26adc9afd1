"""Serializers that refuse what they do not know."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail


class StrictMixin:
    """Refuse unknown fields: a misspelled field must not be dropped in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))  # type: ignore[attr-defined]
            if unknown:
                raise serializers.ValidationError(
                    {
                        name[:100]: [ErrorDetail("This field is not known.", "unknown")]
                        for name in unknown[:20]
                    }
                )
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    """A plain serializer without unknown fields."""


class StrictModelSerializer(StrictMixin, serializers.ModelSerializer[Any]):
    """A model serializer without unknown fields."""
