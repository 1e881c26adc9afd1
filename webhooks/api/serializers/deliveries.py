"""Deliveries and attempts as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from webhooks.api.serializers.subscriptions import HeaderSerializer
from webhooks.models import Attempt, Delivery, Replay

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


class RecoverySerializer(StrictSerializer):
    """Which time to send again what was given up in."""

    since = serializers.DateTimeField(help_text="Given up at this moment or later.")
    until = serializers.DateTimeField(
        required=False, help_text="Given up before this moment; left out, before now."
    )
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only count them; do nothing."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "until" in attrs and attrs["until"] <= attrs["since"]:
            message = serializers.ErrorDetail("This must be later than since.", "too_early")
            raise serializers.ValidationError({"until": [message]})
        return attrs


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
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only count them; do nothing."
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
    """How many deliveries are on their way again, or would be."""

    count = serializers.IntegerField(read_only=True)
    replay = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="The replay that puts them back in the queue, where there are more than"
        f" {MAX_SELECTION}; null when it is done.",
    )


class ReplaySerializer(serializers.ModelSerializer[Replay]):
    """A long replay, and how far it has come."""

    subscription = serializers.CharField(
        source="subscription_id", read_only=True, allow_null=True, help_text="Null for all of them."
    )
    state = serializers.ChoiceField(choices=Replay.State.choices, read_only=True)

    class Meta:
        model = Replay
        fields = (
            "id",
            "subscription",
            "since",
            "until",
            "state",
            "total",
            "done",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields
        extra_kwargs = {
            "total": {"help_text": "How many deliveries there were to send again."},
            "done": {"help_text": "How many of them are in the queue again."},
        }
