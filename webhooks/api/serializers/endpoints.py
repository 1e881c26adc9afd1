"""Endpoints and schemes as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from webhooks.api.serializers.subscriptions import HOUR_SECONDS, HeaderSerializer
from webhooks.inbound.schemes import SCHEMES
from webhooks.inbound.schemes.scheme import MAX_SECRET_CHARACTERS
from webhooks.inbound.selectors import MAX_CHARACTERS as MAX_SELECTOR_CHARACTERS
from webhooks.inbound.validation import MAX_HEADERS, MAX_NETWORKS, METHODS
from webhooks.models import Endpoint, EndpointSecret
from webhooks.models.endpoint import (
    MAX_ANSWER_CHARACTERS,
    MAX_PATH_CHARACTERS,
    MAX_RATE_LIMIT,
    MAX_SLUG_CHARACTERS,
    MAX_TOLERANCE_SECONDS,
    MIN_BODY_BYTES,
)
from webhooks.redaction import MASK, masked
from webhooks.services import MAX_OVERLAP, ROTATION_OVERLAP
from webhooks.types import EndpointFields

NETWORK_LENGTH = 50
OPTION_LENGTH = 1_000
SCHEME_NAMES = list(SCHEMES)


class TextsField(serializers.DictField):
    """An object whose values are all texts, taken as they stand."""

    child = serializers.CharField(max_length=OPTION_LENGTH, allow_blank=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            wrong = [name for name, value in data.items() if not isinstance(value, str)]
            if wrong:
                fault = serializers.ErrorDetail("Send a text.", "type")
                raise serializers.ValidationError({name: [fault] for name in wrong})
        return super().to_internal_value(data)


class EndpointSecretSerializer(serializers.ModelSerializer[EndpointSecret]):
    """A secret in force, without the secret itself."""

    class Meta:
        model = EndpointSecret
        fields = ("id", "created_at", "expires_at")
        read_only_fields = fields
        extra_kwargs = {"expires_at": {"help_text": "Until then it is believed; null for ever."}}


class EndpointSerializer(serializers.ModelSerializer[Endpoint]):
    """An endpoint, without its secrets."""

    url = serializers.SerializerMethodField(help_text="What the sender calls.")
    methods = serializers.ListField(child=serializers.CharField(), read_only=True)
    expected_headers = serializers.SerializerMethodField(
        help_text="Values of sensitive headers are shown as ••••••."
    )
    options = serializers.SerializerMethodField(
        help_text="What was set; secret options are shown as ••••••."
    )
    allowed_networks = serializers.ListField(child=serializers.CharField(), read_only=True)
    accepts = serializers.SerializerMethodField(
        help_text="Whether any request can get in: it is switched on, and has a secret if its"
        " scheme needs one."
    )
    secrets = EndpointSecretSerializer(
        source="live_secrets", many=True, read_only=True, help_text="In force now, newest first."
    )

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = (
            "id",
            "url",
            *EndpointFields.__annotations__,
            "accepts",
            "secrets",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_url(self, endpoint: Endpoint) -> str:
        return endpoint.url

    @extend_schema_field(HeaderSerializer(many=True))
    def get_expected_headers(self, endpoint: Endpoint) -> list[dict[str, str]]:
        return [
            {"name": header["name"], "value": masked(header["name"], header["value"])}
            for header in endpoint.expected_headers
        ]

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_options(self, endpoint: Endpoint) -> dict[str, str]:
        secret = {each.name for each in SCHEMES[endpoint.scheme].options if each.secret}
        return {
            name: MASK if value and name in secret else value
            for name, value in endpoint.options.items()
        }

    def get_accepts(self, endpoint: Endpoint) -> bool:
        # The view has loaded the secrets in force, and of each no more than when it ends.
        known = bool(endpoint.live_secrets)  # type: ignore[attr-defined]
        return endpoint.enabled and (known or not SCHEMES[endpoint.scheme].secret_required)


class SavedEndpointSerializer(EndpointSerializer):
    """An endpoint at the one moment at which a secret that was made for it is shown."""

    secret = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="The secret that was made, for the sender: keep it now, it is not shown again."
        " Null where you have sent one, or the sender makes it.",
    )

    class Meta(EndpointSerializer.Meta):
        fields = (*EndpointSerializer.Meta.fields, "secret")
        read_only_fields = fields


class EndpointChangesSerializer(StrictSerializer):
    """What to change about an endpoint."""

    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    slug = serializers.CharField(
        max_length=MAX_SLUG_CHARACTERS,
        required=False,
        help_text="The word in the names of its events, inbound.<slug>.<type>; left out at first,"
        " the last word of the path, or one made of it that is free.",
    )
    path = serializers.CharField(
        max_length=MAX_PATH_CHARACTERS,
        help_text="What follows the tenant in the URL, such as webhooks/external-service.",
    )
    methods = serializers.ListField(
        child=serializers.ChoiceField(choices=METHODS),
        required=False,
        allow_empty=False,
        max_length=len(METHODS),
    )
    expected_headers = HeaderSerializer(  # type: ignore[call-arg]  # many=True makes it a list
        many=True,
        required=False,
        max_length=MAX_HEADERS,
        help_text="What every request must carry; an empty value for any. Sending the mask ••••••"
        " keeps the value that is stored under the name.",
    )
    scheme = serializers.ChoiceField(
        choices=SCHEME_NAMES, help_text="How the sender signs: see the list of schemes."
    )
    options = TextsField(
        required=False,
        help_text="What differs between senders of one scheme: see the list of schemes. The mask"
        " •••••• keeps what is stored.",
    )
    tolerance_seconds = serializers.IntegerField(
        min_value=1,
        max_value=MAX_TOLERANCE_SECONDS,
        required=False,
        allow_null=True,
        help_text="How far the signed time may be from ours; null for what the scheme allows.",
    )
    allowed_networks = serializers.ListField(
        child=serializers.CharField(max_length=NETWORK_LENGTH),
        required=False,
        max_length=MAX_NETWORKS,
        help_text="Addresses that requests may come from, such as 192.0.2.0/24; none for all.",
    )
    rate_limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_RATE_LIMIT,
        required=False,
        allow_null=True,
        help_text="How many requests are taken at once, and in each minute from then on; null for as many as come.",
    )
    max_body_bytes = serializers.IntegerField(
        min_value=MIN_BODY_BYTES,
        required=False,
        allow_null=True,
        help_text="How large a request may be; null for what the installation allows.",
    )
    message_key = serializers.CharField(
        max_length=MAX_SELECTOR_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="What tells a repeat: header:X-Request-Id, body:event.id, body for all of its"
        " bytes, or none; empty for what the scheme says.",
    )
    event_type = serializers.CharField(
        max_length=MAX_SELECTOR_CHARACTERS,
        required=False,
        allow_blank=True,
        help_text="What kind of event it is: header:X-Event, body:type, or a fixed text; empty for"
        " what the scheme says.",
    )
    answer_status = serializers.IntegerField(min_value=200, max_value=299, required=False)
    answer_content_type = serializers.CharField(max_length=100, required=False)
    answer_body = serializers.CharField(
        max_length=MAX_ANSWER_CHARACTERS, required=False, allow_blank=True, trim_whitespace=False
    )
    enabled = serializers.BooleanField(required=False)


class _OwnSecretSerializer(StrictSerializer):
    """Whatever takes a secret along."""

    secret = serializers.CharField(
        required=False,
        default="",
        write_only=True,
        max_length=MAX_SECRET_CHARACTERS,
        trim_whitespace=False,
        help_text="What the sender signs with. Left out, one is made where the sender can be told"
        " which one to take.",
    )


class NewEndpointSerializer(_OwnSecretSerializer, EndpointChangesSerializer):
    """An endpoint to create. Without a name, it is called after the last word of its path."""


class ChangedEndpointSerializer(_OwnSecretSerializer, EndpointChangesSerializer):
    """What to change. With a secret, those before it end at once: it is that of another sender."""


class EndpointWordsSerializer(_OwnSecretSerializer):
    """The same, in the words of those who describe one."""

    endpoint = serializers.CharField(
        max_length=MAX_PATH_CHARACTERS, help_text="The path, such as /webhooks/external-service."
    )
    method = serializers.CharField(max_length=10, required=False)
    headers = TextsField(required=False, help_text="What every request must carry.")
    validation = serializers.CharField(
        max_length=40,
        help_text="signature for an HMAC of the body, secret for a secret in a header, or the name"
        " of a scheme.",
    )
    name = serializers.CharField(max_length=200, required=False)


class EndpointRotationSerializer(_OwnSecretSerializer):
    """How to replace the secret."""

    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=int(MAX_OVERLAP.total_seconds()) // HOUR_SECONDS,
        required=False,
        default=int(ROTATION_OVERLAP.total_seconds()) // HOUR_SECONDS,
        help_text="How long the old secret is believed beside the new one.",
    )
