"""Deliveries and attempts as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from webhooks.api.serializers.subscriptions import HeaderSerializer
from webhooks.models import Attempt, Delivery

MAX_SELECTION = 1_000
ATTEMPTS_SHOWN = 50


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One try to deliver."""

    response_headers = serializers.SerializerMethodField()

    class Meta:
        model = Attempt
        fields = (
            "id",
            "number",
            "started_at",
            "duration_ms",
            "status_code",
            "error_code",
            "error",
            "response_headers",
            "response_body",
        )
        read_only_fields = fields

    @extend_schema_field(HeaderSerializer(many=True))
    def get_response_headers(self, attempt: Attempt) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in attempt.response_headers]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event owed to one subscription. Its id is the `webhook-id` that the receiver sees."""

    subscription = serializers.CharField(source="subscription_id", read_only=True)
    event = serializers.CharField(source="event_id", read_only=True)
    event_type = serializers.CharField(source="event.type", read_only=True)
    attempt_count = serializers.IntegerField(source="attempts", read_only=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id",
            "subscription",
            "event",
            "event_type",
            "state",
            "attempt_count",
            "next_attempt_at",
            "last_status_code",
            "last_error",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its latest attempts."""

    attempts = serializers.SerializerMethodField(
        help_text=f"The latest {ATTEMPTS_SHOWN}, newest first."
    )

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "attempts")
        read_only_fields = fields

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, delivery: Delivery) -> Any:
        latest = Attempt.objects.of(delivery)[:ATTEMPTS_SHOWN]
        return AttemptSerializer(latest, many=True).data


class ReplaySelectionSerializer(StrictSerializer):
    """Which deliveries to send again: some by id, or all that were given up since a moment."""

    ids = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        allow_empty=False,
        max_length=MAX_SELECTION,
    )
    failed_since = serializers.DateTimeField(required=False)
    subscription = serializers.CharField(
        required=False, max_length=40, help_text="With failed_since: only those of this one."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("failed_since" in attrs):
            raise serializers.ValidationError("Send either ids or failed_since.", "choose_one")
        if "ids" in attrs and "subscription" in attrs:
            raise serializers.ValidationError(
                {"subscription": [serializers.ErrorDetail("Not together with ids.", "not_here")]}
            )
        return attrs


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many deliveries are on their way again."""

    count = serializers.IntegerField(read_only=True)
