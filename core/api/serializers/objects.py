"""JSON objects whose content is the tenant's own."""

from typing import Any

from rest_framework import serializers


class ObjectField(serializers.DictField):
    """A JSON object, taken as it is."""

    default_error_messages = {"object": "Send a JSON object."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value
