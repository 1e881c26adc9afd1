"""What there is to correct, as every error lists it."""

from typing import Any

from rest_framework import serializers


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing to correct."""

    path = serializers.CharField(
        help_text="Where in the body: `data.items[0].sku`; empty for the body as a whole."
    )
    code = serializers.CharField(help_text="What is wrong, for programs.")
    message = serializers.CharField(help_text="What is wrong, for people.")
    line = serializers.IntegerField(
        required=False, help_text="Where in the text of the field; counts from 1."
    )
    column = serializers.IntegerField(required=False, help_text="Where in the line.")
