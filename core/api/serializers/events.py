"""Events and event types as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from core.api.serializers.objects import ObjectField
from core.api.serializers.strict import StrictSerializer
from core.event_names import MAX_CHARACTERS
from core.models import Event

ENTITY_ID_LENGTH = 200
DESCRIPTION_LENGTH = 500


class EventSerializer(serializers.ModelSerializer[Event]):
    """An event as it goes over the wire, with its place in the log."""

    timestamp = serializers.CharField(
        read_only=True, help_text="When it happened: UTC, ISO 8601 with milliseconds and Z."
    )
    data = ObjectField(  # type: ignore[assignment]  # a field, not the property
        read_only=True,
        allow_null=True,
        help_text="What is to know about it; null once its retention period is over.",
    )
    position = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Its place in the log, without gaps; null for the moment before it has one.",
    )

    class Meta:
        model = Event
        fields = ("id", "type", "timestamp", "entity_id", "correlation_id", "position", "data")
        read_only_fields = fields


class NewEventSerializer(StrictSerializer):
    """An event to publish."""

    type = serializers.CharField(
        max_length=MAX_CHARACTERS,
        trim_whitespace=False,
        help_text="Words joined by dots, the thing first, then what happened: order.shipped",
    )
    data = ObjectField(  # type: ignore[assignment]  # as above
        help_text="What receivers are to know; at most 256 KiB as JSON."
    )
    entity_id = serializers.CharField(
        max_length=ENTITY_ID_LENGTH,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="What it happened to. Events of one thing are delivered in their order.",
    )


class EventTypeSerializer(serializers.Serializer[Any]):
    """An entry of the catalogue."""

    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    schema = ObjectField(
        read_only=True, help_text="JSON Schema of the data; {} when any object will do."
    )
    example = ObjectField(read_only=True, help_text="Data that fits the schema.")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # as above
        choices=["custom", "record type", "system"],
        read_only=True,
        help_text="Who publishes it: you, a record type of yours, or Patchbay itself.",
    )


class EventTypeDefinitionSerializer(StrictSerializer):
    """What a tenant says of an event type of its own."""

    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH, required=False, default="", allow_blank=True
    )
    schema = ObjectField(
        required=False,
        default=dict,
        help_text="JSON Schema (draft 2020-12) of the data; {} to accept any object.",
    )
    example = ObjectField(required=False, default=dict, help_text="Data that fits the schema.")


class NewEventTypeSerializer(EventTypeDefinitionSerializer):
    """An event type to define."""

    name = serializers.CharField(max_length=MAX_CHARACTERS, trim_whitespace=False)
