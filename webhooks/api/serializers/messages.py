"""Messages and refusals as the API shows them."""

import base64
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from webhooks.api.serializers.subscriptions import HeaderSerializer
from webhooks.inbound.showing import shown_body, shown_headers, shown_sample
from webhooks.models import Message, Refusal

NUL = "\x00"


class ReceivedHeadersMixin(serializers.Serializer[Any]):
    """Headers as they were received, which are stored as pairs."""

    headers = serializers.SerializerMethodField(help_text="Secrets are shown as ••••••.")

    @extend_schema_field(HeaderSerializer(many=True))
    def get_headers(self, row: Message | Refusal) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in shown_headers(row)]


class AnswerSerializer(serializers.Serializer[Any]):
    """What the sender was told."""

    status_code = serializers.IntegerField()
    content_type = serializers.CharField()
    body = serializers.CharField()


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A request that an endpoint has accepted."""

    endpoint = serializers.CharField(source="endpoint_id", read_only=True)
    event = serializers.CharField(
        source="event_id",
        read_only=True,
        allow_null=True,
        help_text="The latest event that it became; null before.",
    )

    class Meta:
        model = Message
        fields: tuple[str, ...] = (
            "id",
            "endpoint",
            "key",
            "state",
            "event_type",
            "event",
            "method",
            "size",
            "ip_address",
            "sample",
            "received_at",
            "repeats",
            "repeated_at",
            "due_at",
            "processed_at",
            "failures",
            "error",
        )
        read_only_fields = fields
        extra_kwargs = {
            "key": {"help_text": "What tells a repeat of it; null when nothing does."},
            "size": {"help_text": "How many bytes its body had."},
            "repeats": {"help_text": "How often the same message came again."},
            "due_at": {"help_text": "When it becomes an event, if it is to."},
            "failures": {"help_text": "How often it could not become an event."},
            "error": {"help_text": "Why it could not, the last time."},
        }


class MessageDetailSerializer(ReceivedHeadersMixin, MessageSerializer):
    """A message with what was received, why it was believed, and what was answered."""

    body = serializers.SerializerMethodField(
        help_text="The body as text; null once it has been erased, and for one that is no text."
    )
    body_base64 = serializers.SerializerMethodField(
        help_text="The bytes of a body that is no text in UTF-8; null otherwise."
    )
    trace = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Why it was believed."
    )
    answer = AnswerSerializer(read_only=True)

    class Meta(MessageSerializer.Meta):
        fields = (
            *MessageSerializer.Meta.fields,
            "query",
            "headers",
            "body",
            "body_base64",
            "trace",
            "answer",
        )
        read_only_fields = fields

    def to_representation(self, instance: Message) -> dict[str, Any]:
        self._body = shown_body(instance)
        return super().to_representation(instance)

    def get_body(self, message: Message) -> str | None:
        return None if self._body is None else _text(self._body)

    def get_body_base64(self, message: Message) -> str | None:
        if self._body is None or _text(self._body) is not None:
            return None
        return base64.b64encode(self._body).decode()


class MessageSpanSerializer(StrictSerializer):
    """Of which period the messages are to become events again."""

    endpoint = serializers.CharField(
        required=False, max_length=40, help_text="Only those of this one."
    )
    since = serializers.DateTimeField(help_text="Received at this moment or later.")
    until = serializers.DateTimeField(
        required=False, help_text="Received before this moment; left out, before now."
    )
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only count them; do nothing."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "until" in attrs and attrs["until"] <= attrs["since"]:
            message = serializers.ErrorDetail("This must be later than since.", "too_early")
            raise serializers.ValidationError({"until": [message]})
        return attrs


class ReplayedMessagesSerializer(serializers.Serializer[Any]):
    """How many messages become events again, or would."""

    count = serializers.IntegerField(read_only=True)


class RefusalSerializer(serializers.ModelSerializer[Refusal]):
    """How many requests were refused for one reason in one hour."""

    endpoint = serializers.CharField(
        source="endpoint_id",
        read_only=True,
        allow_null=True,
        help_text="Null where there is none at the URL.",
    )

    class Meta:
        model = Refusal
        fields: tuple[str, ...] = (
            "id",
            "endpoint",
            "reason",
            "explanation",
            "hour",
            "count",
            "first_at",
            "last_at",
            "sampled_at",
            "method",
            "path",
            "ip_address",
        )
        read_only_fields = fields
        extra_kwargs = {
            "hour": {"help_text": "When the hour began that is counted."},
            "sampled_at": {"help_text": "When the one came that is shown."},
            "explanation": {"help_text": "What was wrong with a recent one of them."},
            "method": {"help_text": "Of that one, as all that follows."},
        }


class RefusalDetailSerializer(ReceivedHeadersMixin, RefusalSerializer):
    """Refused requests, with what a recent one of them looked like."""

    body = serializers.SerializerMethodField(help_text="The beginning of it.")

    class Meta(RefusalSerializer.Meta):
        fields = (*RefusalSerializer.Meta.fields, "headers", "body")
        read_only_fields = fields

    def get_body(self, refusal: Refusal) -> str:
        return shown_sample(refusal)


def _text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if NUL in text else text
