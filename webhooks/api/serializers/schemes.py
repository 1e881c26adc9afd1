"""Schemes as the API shows them."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webhooks.inbound.schemes.scheme import Scheme


class OptionSerializer(serializers.Serializer[Any]):
    """Something about a scheme that differs between senders."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    default = serializers.CharField()
    help_text = serializers.CharField()  # type: ignore[assignment]
    choices = serializers.ListField(child=serializers.CharField(), help_text="Empty for any text.")
    required = serializers.BooleanField()  # type: ignore[assignment]
    secret = serializers.BooleanField(help_text="Whether it is masked once it is stored.")


class SchemeSerializer(serializers.Serializer[Any]):
    """How senders of one kind prove that a request comes from them."""

    name = serializers.CharField(help_text="For the field scheme of an endpoint.")
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    hint = serializers.CharField(help_text="What its secret is, and where it is found.")
    secret_required = serializers.BooleanField(
        help_text="Whether every request is refused until there is a secret."
    )
    secret_is_ours = serializers.BooleanField(
        help_text="Whether one is made for an endpoint that is created without; the sender is then"
        " told which one to take."
    )
    tolerance_seconds = serializers.SerializerMethodField(
        help_text="How far the signed time may be from ours; null where the sender signs none."
    )
    message_key = serializers.CharField(
        help_text="What tells a repeat, unless the endpoint says otherwise; empty for nothing."
    )
    event_type = serializers.CharField(
        help_text="What kind of event it is, unless the endpoint says otherwise; empty for nothing."
    )
    options = OptionSerializer(many=True)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_tolerance_seconds(self, scheme: Scheme) -> int | None:
        usual: timedelta | None = scheme.tolerance
        return None if usual is None else int(usual.total_seconds())
