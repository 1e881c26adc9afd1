"""Shapes of the records API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import ObjectField, ProblemSerializer, StrictSerializer
from records import keys
from records.models import RecordType
from records.services import MAX_BULK_RECORDS
from records.types import Operation

ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field({"type": "array", "items": ANY_OBJECT})
class RulesField(serializers.JSONField):
    """A JSON list of objects."""

    default_error_messages = {"list": "Send a list of objects."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            self.fail("list")
        return data


class RecordTypeSerializer(serializers.ModelSerializer[RecordType]):
    """A record type as it is shown."""

    schema = ObjectField(help_text="JSON Schema of the data; empty when any object will do.")
    rules = RulesField(help_text="Validation rules, applied after the schema.")

    class Meta:
        model = RecordType
        fields = [
            "id",
            "slug",
            "name",
            "description",
            "schema",
            "rules",
            "key_field",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class RecordTypeInputSerializer(StrictSerializer):
    """What may be said of a record type; its slug is given once, when it is created."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=500, allow_blank=True, default="")
    schema = ObjectField(default=dict, help_text="JSON Schema (2020-12) of the data.")
    rules = RulesField(
        default=list,  # type: ignore[arg-type]  # a list is JSON too
        help_text="Validation rules, applied after the schema.",
    )
    key_field = serializers.CharField(
        max_length=keys.MAX_CHARACTERS,
        allow_blank=True,
        default="",
        help_text="The field whose value no two records of this type share.",
    )


class NewRecordTypeSerializer(RecordTypeInputSerializer):
    """A record type to create."""

    slug = serializers.CharField(
        max_length=63, help_text="Stands in URLs and event types (order.created)."
    )


class RecordInputSerializer(StrictSerializer):
    """The data of a record."""

    data = ObjectField(help_text="What the record holds, as its type describes it.")  # type: ignore[assignment]  # a field, not the property


class RecordPatchSerializer(StrictSerializer):
    """A change of a part of a record's data."""

    data = ObjectField(help_text="A JSON Merge Patch (RFC 7396): null removes a field.")  # type: ignore[assignment]  # a field, not the property


class RecordSerializer(serializers.Serializer[Any]):
    """A record as it is shown."""

    id = serializers.CharField()
    type = serializers.CharField(source="type.slug")
    key = serializers.CharField(allow_null=True, help_text="The value of the type's key field.")
    version = serializers.IntegerField(help_text="Grows by one with every change.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    data = ObjectField()  # type: ignore[assignment]  # a field, not the property


class BulkInputSerializer(StrictSerializer):
    """Many records to create."""

    records = RecordInputSerializer(  # type: ignore[call-arg]  # of the list
        many=True, min_length=1, max_length=MAX_BULK_RECORDS
    )
    atomic = serializers.BooleanField(
        default=True, help_text="True: all or none. False: as many as can be created."
    )


class BulkErrorSerializer(serializers.Serializer[Any]):
    """Why a record was not created."""

    error = serializers.CharField()
    message = serializers.CharField()
    details = ProblemSerializer(many=True)


class BulkItemSerializer(serializers.Serializer[Any]):
    """What became of one record of the request."""

    index = serializers.IntegerField(help_text="Its place in the request, from 0.")
    status = serializers.ChoiceField(choices=["created", "failed"])
    record = RecordSerializer(required=False)
    error = BulkErrorSerializer(required=False)


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of each record, in the order of the request."""

    data = BulkItemSerializer(many=True)  # type: ignore[assignment]  # a field, not the property


class ChangeSerializer(serializers.Serializer[Any]):
    """One change of a record."""

    position = serializers.IntegerField(help_text="Its place in the log.")
    event_id = serializers.CharField()
    type = serializers.CharField(help_text="The record type.")
    id = serializers.CharField(help_text="The record.")
    operation = serializers.ChoiceField(choices=[each.value for each in Operation])
    at = serializers.DateTimeField()
    data = ObjectField(  # type: ignore[assignment]  # a field, not the property
        allow_null=True,
        help_text="The record after the change; before it, when it was deleted."
        " Null once the retention period of the event is over.",
    )
    changes = ObjectField(
        allow_null=True, help_text="What an update changed, by path; null for anything else."
    )


class ChangePageSerializer(serializers.Serializer[Any]):
    """Some changes, and where to go on."""

    data = ChangeSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    next_cursor = serializers.CharField(
        help_text="Pass it as `cursor` next time, at once or after a pause. It does not expire"
        " as long as the events behind it are kept."
    )
    has_more = serializers.BooleanField(help_text="Whether there is more to be had at once.")
