"""Serializers that take what they describe, and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

MAX_UNKNOWN_SHOWN = 20
NAME_CHARACTERS_SHOWN = 100


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# The JSON type that a field takes, where REST framework alone would convert others to it.
JSON_TYPES: tuple[tuple[type[Any], Callable[[Any], bool], str], ...] = (
    (serializers.CharField, lambda value: isinstance(value, str), "Send a text."),
    (serializers.BooleanField, lambda value: isinstance(value, bool), "Send true or false."),
    (
        serializers.IntegerField,
        lambda value: _is_number(value) and value == int(value),
        "Send a whole number.",
    ),
    (serializers.FloatField, _is_number, "Send a number."),
)


class StrictMixin:
    """Refuse what REST framework would drop, convert or let pass in silence.

    That is: unknown fields (a misspelled one must not be dropped), values of another JSON type,
    and, inside of a partial update, objects that lack something: they are replaced as a whole.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            problems = {**self._unknown(data), **self._missing(data), **self._wrong(data)}
            if problems:
                raise serializers.ValidationError(problems)
        return super().to_internal_value(data)  # type: ignore[misc]

    def _unknown(self, data: dict[str, Any]) -> dict[str, list[ErrorDetail]]:
        names = sorted(set(data) - set(self.fields))  # type: ignore[attr-defined]
        return {
            name[:NAME_CHARACTERS_SHOWN]: [ErrorDetail("This field is not known.", "unknown")]
            for name in names[:MAX_UNKNOWN_SHOWN]
        }

    def _missing(self, data: dict[str, Any]) -> dict[str, list[ErrorDetail]]:
        root = self.root  # type: ignore[attr-defined]
        if root is self or not root.partial:
            return {}
        return {
            field.field_name: [ErrorDetail("This field is required.", "required")]
            for field in self._writable_fields  # type: ignore[attr-defined]
            if field.required and field.field_name not in data
        }

    def _wrong(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            field.field_name: problem
            for field in self._writable_fields  # type: ignore[attr-defined]
            if field.field_name in data
            for problem in _wrong_type(field, data[field.field_name])
        }


def _wrong_type(field: Any, value: Any) -> Iterator[Any]:
    """Yield what is wrong with the JSON type of ``value``, or of what it lists, if anything is."""
    if value is None:
        return
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        inside = {
            index: problem
            for index, item in enumerate(value)
            for problem in _wrong_type(field.child, item)
        }
        if inside:
            yield inside
        return
    for kind, fits, message in JSON_TYPES:
        if isinstance(field, kind) and not fits(value):
            yield [ErrorDetail(message, "type")]
            return


class StrictSerializer(StrictMixin, serializers.Serializer[Any]):
    """A plain serializer that is strict."""


class StrictModelSerializer(StrictMixin, serializers.ModelSerializer[Any]):
    """A model serializer that is strict."""
