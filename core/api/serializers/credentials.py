"""API keys, configuration values and the caller as the API shows and takes them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from core.api.serializers.strict import StrictSerializer
from core.models import ApiKey, ConfigValue
from core.types import ActorKind

NAME_LENGTH = 200
DESCRIPTION_LENGTH = 200
VALUE_LENGTH = 10_000
MAX_OVERLAP_HOURS = 7 * 24
DEFAULT_OVERLAP_HOURS = 24


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """An API key, without its secret."""

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    replaced_by = serializers.CharField(
        source="replaced_by_id",
        read_only=True,
        allow_null=True,
        help_text="The key after rotation.",
    )

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "rate_limit",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "replaced_by",
        )
        read_only_fields = fields


class IssuedApiKeySerializer(ApiKeySerializer):
    """An API key at the one moment at which its secret is shown."""

    secret = serializers.CharField(read_only=True, help_text="Keep it now: it is not shown again.")

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "secret")  # type: ignore[assignment]  # longer
        read_only_fields = fields  # type: ignore[assignment]  # as above


class NewApiKeySerializer(StrictSerializer):
    """An API key to create."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(settings.API_SCOPES)),
        allow_empty=False,
        max_length=len(settings.API_SCOPES),
        help_text="Only scopes that the calling credential has itself.",
    )
    expires_at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="Empty: until it is revoked."
    )

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("The moment must lie in the future.", "past")
        return value


class RotationSerializer(StrictSerializer):
    """How to rotate a key."""

    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        required=False,
        default=DEFAULT_OVERLAP_HOURS,
        help_text="How long the old key goes on working.",
    )


class ConfigValueSerializer(serializers.ModelSerializer[ConfigValue]):
    """That a configuration value is set; never the value."""

    class Meta:
        model = ConfigValue
        fields = ("name", "description", "updated_at")
        read_only_fields = fields


class NewConfigValueSerializer(StrictSerializer):
    """A configuration value to set."""

    value = serializers.CharField(
        max_length=VALUE_LENGTH,
        trim_whitespace=False,
        write_only=True,
        help_text="Kept encrypted. It can be replaced, never read back.",
    )
    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH,
        required=False,
        allow_blank=True,
        help_text="What it is for; left as it is when not sent.",
    )


class CallerTenantSerializer(serializers.Serializer[Any]):
    """The tenant a credential acts for."""

    id = serializers.CharField(read_only=True)
    slug = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)


class CallerSerializer(serializers.Serializer[Any]):
    """Who the caller is, as the API sees it."""

    kind = serializers.ChoiceField(
        choices=[ActorKind.API_KEY.value, ActorKind.API_CLIENT.value], read_only=True
    )
    id = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # a field
    tenant = CallerTenantSerializer(read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    rate_limit = serializers.IntegerField(read_only=True, help_text="Requests per minute.")
