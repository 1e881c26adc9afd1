"""Previews, tests and pasted definitions as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from core.api.serializers import ObjectField, ProblemSerializer, StrictSerializer
from core.errors import InvalidEventTypeError
from core.event_names import MAX_CHARACTERS
from core.event_types import check_name
from webhooks.api.serializers.subscriptions import (
    FILTER_LENGTH,
    PAYLOAD_LENGTH,
    URL_LENGTH,
    HeaderSerializer,
    RetryPolicySerializer,
)
from webhooks.definitions import MAX_CHARACTERS as MAX_DEFINITION_CHARACTERS
from webhooks.models import Subscription
from webhooks.validation import MAX_HEADERS

DATA_HELP = "The event's data; left out, the example of the catalogue is taken."


class EventTypeNameField(serializers.CharField):
    """The name of an event type, whether or not the catalogue has it."""

    def to_internal_value(self, data: Any) -> str:
        name: str = super().to_internal_value(data)
        try:
            check_name(name)
        except InvalidEventTypeError as error:
            raise serializers.ValidationError(str(error), "invalid") from error
        return name


class TestSerializer(StrictSerializer):
    """The event to test with."""

    __test__ = False

    event_type = EventTypeNameField(
        max_length=MAX_CHARACTERS,
        required=False,
        help_text="Left out, the first type that the subscription asks for.",
    )
    data = ObjectField(  # type: ignore[assignment]  # DRF takes fields away from the class
        required=False, help_text=DATA_HELP
    )


class PreviewSerializer(StrictSerializer):
    """Templates to try, and the event to try them with."""

    event_type = EventTypeNameField(max_length=MAX_CHARACTERS)
    data = ObjectField(  # type: ignore[assignment]  # DRF takes fields away from the class
        required=False, help_text=DATA_HELP
    )
    method = serializers.ChoiceField(
        choices=Subscription.Method.choices, required=False, default=Subscription.Method.POST
    )
    url = serializers.CharField(
        max_length=URL_LENGTH, required=False, default="https://receiver.example/hook"
    )
    headers = HeaderSerializer(  # type: ignore[call-arg]  # many=True makes it a list
        many=True, required=False, default=list, max_length=MAX_HEADERS
    )
    payload_format = serializers.ChoiceField(
        choices=Subscription.PayloadFormat.choices,
        required=False,
        default=Subscription.PayloadFormat.JSON,
    )
    payload = serializers.CharField(
        max_length=PAYLOAD_LENGTH,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
    )
    filter = serializers.CharField(
        max_length=FILTER_LENGTH, required=False, default="", allow_blank=True
    )


class ShownRequestSerializer(serializers.Serializer[Any]):
    """A request: configuration values by name, literal secrets masked."""

    method = serializers.CharField()
    url = serializers.CharField()
    headers = HeaderSerializer(many=True)
    body = serializers.CharField()


class PreviewResultSerializer(serializers.Serializer[Any]):
    """What would be sent."""

    event = ObjectField(help_text="The event it was tried with.")
    request = ShownRequestSerializer(
        allow_null=True, help_text="Null when the problems say why there is none."
    )
    matched = serializers.BooleanField(
        allow_null=True, help_text="Whether the filter lets the event through."
    )
    problems = ProblemSerializer(many=True)


class ResponseSerializer(serializers.Serializer[Any]):
    """What the receiver answered, with secrets blotted out."""

    status_code = serializers.IntegerField()
    headers = HeaderSerializer(many=True)
    body = serializers.CharField(help_text="The beginning of it.")


class TestResultSerializer(serializers.Serializer[Any]):
    """What was sent, and what came of it."""

    __test__ = False

    delivered = serializers.BooleanField(help_text="Whether a delivery would count as done.")
    duration_ms = serializers.IntegerField()
    error_code = serializers.CharField(help_text="Empty when the receiver answered.")
    error = serializers.CharField()
    request = ShownRequestSerializer()
    response = ResponseSerializer(allow_null=True)


class DefinitionSerializer(StrictSerializer):
    """A webhook definition in the notation of a document or a script."""

    definition = serializers.CharField(max_length=MAX_DEFINITION_CHARACTERS, trim_whitespace=False)


class DefinedFieldsSerializer(serializers.Serializer[Any]):
    """The fields that a definition sets, ready to create a subscription with."""

    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False)
    event_types = serializers.ListField(child=serializers.CharField(), required=False)
    filter = serializers.CharField(required=False)
    method = serializers.CharField(required=False)
    url = serializers.CharField(required=False)
    headers = HeaderSerializer(many=True, required=False)
    payload_format = serializers.CharField(required=False)
    payload = serializers.CharField(required=False)
    retry_policy = RetryPolicySerializer(required=False)
