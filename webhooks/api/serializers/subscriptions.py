"""Subscriptions as the API shows and takes them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import ProblemSerializer, StrictSerializer
from core.event_names import MAX_CHARACTERS
from webhooks import signing
from webhooks.breaker import Circuit
from webhooks.models import Lane, Subscription
from webhooks.models.subscription import (
    DEFAULT_SIGNATURE_HEADER,
    MAX_CONCURRENCY,
    MAX_ORDERING_SECONDS,
    MAX_RATE_LIMIT,
    MAX_TIMEOUT_SECONDS,
)
from webhooks.redaction import masked
from webhooks.retry import MAX_BACKOFF_MULTIPLIER, MAX_RETRIES, parse_policy, policy_json
from webhooks.services import MAX_OVERLAP, ROTATION_OVERLAP
from webhooks.types import SubscriptionFields
from webhooks.validation import MAX_HEADERS, MAX_PATTERNS

HEADER_LENGTH = 8_192
URL_LENGTH = 8_192
PAYLOAD_LENGTH = 100_000
FILTER_LENGTH = 2_000
HOUR_SECONDS = 3_600


class HeaderSerializer(StrictSerializer):
    """A header of the request; the value is a template."""

    name = serializers.CharField(max_length=256)
    value = serializers.CharField(max_length=HEADER_LENGTH, allow_blank=True, trim_whitespace=False)


class RetryPolicySerializer(StrictSerializer):
    """How often and how patiently a failed delivery is tried again. Delays in milliseconds."""

    maxRetries = serializers.IntegerField(  # noqa: N815  # the name that tenants know
        required=False, min_value=0, max_value=MAX_RETRIES
    )
    retryDelay = serializers.IntegerField(  # noqa: N815
        required=False, help_text="Before the first retry."
    )
    backoffMultiplier = serializers.FloatField(  # noqa: N815
        required=False,
        min_value=1,
        max_value=MAX_BACKOFF_MULTIPLIER,
        help_text="How much longer each further retry waits.",
    )
    maxDelay = serializers.IntegerField(  # noqa: N815
        required=False, help_text="No retry waits longer."
    )
    retryOnStatus = serializers.ListField(  # noqa: N815
        required=False,
        child=serializers.IntegerField(),
        help_text="The answers worth a retry; leave it out for every answer but 2xx and 410.",
    )
    schedule = serializers.ListField(
        required=False,
        child=serializers.IntegerField(),
        help_text="The delays themselves, in place of the three that compute them.",
    )


class HealthSerializer(serializers.ModelSerializer[Lane]):
    """How the receiver is doing, as the worker that sent to it last has noted."""

    circuit = serializers.SerializerMethodField(
        help_text="closed: requests get through. open: none is sent until paused_until."
        " half_open: the next one is to show whether the receiver works again."
    )

    class Meta:
        model = Lane
        fields = ("circuit", "paused_until", "failing_since", "failures", "due_at")
        read_only_fields = fields
        extra_kwargs = {
            "paused_until": {
                "help_text": "Nothing is sent before: the circuit is open, or a rate is kept."
            },
            "failing_since": {"help_text": "The first failure since the last success."},
            "failures": {"help_text": "How many there were since the last success."},
            "due_at": {"help_text": "When there is something to send next, or was."},
        }

    @extend_schema_field(serializers.ChoiceField(choices=[each.value for each in Circuit]))
    def get_circuit(self, lane: Lane) -> str:
        return str(lane.circuit(timezone.now()))


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """A subscription, without its secrets."""

    event_types = serializers.ListField(child=serializers.CharField(), read_only=True)
    headers = serializers.SerializerMethodField(
        help_text="Literal values of sensitive headers are shown as ••••••."
    )
    retry_policy = serializers.SerializerMethodField(help_text="With all its settings.")
    public_keys = serializers.SerializerMethodField(
        help_text="What verifies the v1a signatures now, newest first; empty without ed25519."
    )
    health = HealthSerializer(source="lane", read_only=True)

    class Meta:
        model = Subscription
        fields: tuple[str, ...] = (
            "id",
            *SubscriptionFields.__annotations__,
            "disabled_reason",
            "health",
            "public_keys",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    @extend_schema_field(HeaderSerializer(many=True))
    def get_headers(self, subscription: Subscription) -> list[dict[str, str]]:
        return [
            {"name": header["name"], "value": masked(header["name"], header["value"])}
            for header in subscription.headers
        ]

    @extend_schema_field(RetryPolicySerializer)
    def get_retry_policy(self, subscription: Subscription) -> dict[str, Any]:
        return policy_json(parse_policy(subscription.retry_policy))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_public_keys(self, subscription: Subscription) -> list[str]:
        # The view has loaded the ed25519 keys in force, newest first, and no other secrets.
        return [signing.public_key_of(row.secret) for row in subscription.key_pairs]  # type: ignore[attr-defined]


class SavedSubscriptionSerializer(SubscriptionSerializer):
    """A subscription after a change."""

    warnings = ProblemSerializer(
        many=True,
        read_only=True,
        help_text="What fails on the examples of its event types; it was saved all the same.",
    )

    class Meta(SubscriptionSerializer.Meta):
        fields = (*SubscriptionSerializer.Meta.fields, "warnings")
        read_only_fields = fields


class CreatedSubscriptionSerializer(SavedSubscriptionSerializer):
    """A subscription at the one moment at which its secret is shown."""

    secret = serializers.CharField(read_only=True, help_text="Keep it now: it is not shown again.")

    class Meta(SavedSubscriptionSerializer.Meta):
        fields = (*SavedSubscriptionSerializer.Meta.fields, "secret")
        read_only_fields = fields


class SubscriptionChangesSerializer(StrictSerializer):
    """What to change about a subscription."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    event_types = serializers.ListField(
        child=serializers.CharField(max_length=MAX_CHARACTERS),
        allow_empty=False,
        max_length=MAX_PATTERNS,
        help_text="Event types, and patterns such as order.* or *.",
    )
    filter = serializers.CharField(
        max_length=FILTER_LENGTH,
        required=False,
        allow_blank=True,
        help_text="An expression that must be true, such as order.total ?? 0 > 100.",
    )
    method = serializers.ChoiceField(choices=Subscription.Method.choices, required=False)
    url = serializers.CharField(max_length=URL_LENGTH, help_text="A template.")
    headers = HeaderSerializer(  # type: ignore[call-arg]  # many=True makes it a list
        many=True,
        required=False,
        max_length=MAX_HEADERS,
        help_text="Sending the mask •••••• keeps the value that is stored under the name.",
    )
    payload_format = serializers.ChoiceField(
        choices=Subscription.PayloadFormat.choices, required=False
    )
    payload = serializers.CharField(
        max_length=PAYLOAD_LENGTH,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="A template; empty for the event in its standard envelope.",
    )
    signature_scheme = serializers.ChoiceField(
        choices=Subscription.SignatureScheme.choices, required=False
    )
    signature_header = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text=f"{DEFAULT_SIGNATURE_HEADER} unless named otherwise; empty to leave it out.",
    )
    retry_policy = RetryPolicySerializer(required=False)
    timeout_seconds = serializers.IntegerField(
        min_value=1, max_value=MAX_TIMEOUT_SECONDS, required=False, allow_null=True
    )
    concurrency = serializers.IntegerField(
        min_value=1,
        max_value=MAX_CONCURRENCY,
        required=False,
        help_text="How many requests the receiver may have open at once.",
    )
    rate_limit = serializers.IntegerField(
        min_value=1,
        max_value=MAX_RATE_LIMIT,
        required=False,
        allow_null=True,
        help_text="How many requests may be sent in a minute; null for as many as there are.",
    )
    ordering = serializers.ChoiceField(
        choices=Subscription.Ordering.choices,
        required=False,
        help_text="Whether the deliveries of one entity keep the order of its events.",
    )
    ordering_seconds = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ORDERING_SECONDS,
        required=False,
        allow_null=True,
        help_text="With block_for, and only then: how long a failing delivery holds up the next.",
    )
    enabled = serializers.BooleanField(required=False)


class NewSubscriptionSerializer(SubscriptionChangesSerializer):
    """A subscription to create."""

    secret = serializers.CharField(
        required=False,
        write_only=True,
        max_length=signing.MAX_TEXT_SECRET_CHARACTERS,
        trim_whitespace=False,
        help_text="A secret of your own; left out, a random one is made.",
    )


class SecretRotationSerializer(StrictSerializer):
    """How to replace the secret."""

    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=int(MAX_OVERLAP.total_seconds()) // HOUR_SECONDS,
        required=False,
        default=int(ROTATION_OVERLAP.total_seconds()) // HOUR_SECONDS,
        help_text="How long the old secret goes on signing beside the new one.",
    )
    secret = serializers.CharField(
        required=False,
        default="",
        write_only=True,
        max_length=signing.MAX_TEXT_SECRET_CHARACTERS,
        trim_whitespace=False,
        help_text="A secret of your own; left out, a random one is made.",
    )


class RotatedSecretSerializer(serializers.Serializer[Any]):
    """The new secret, at the one moment at which it is shown."""

    secret = serializers.CharField(read_only=True, help_text="Keep it now: it is not shown again.")
    public_keys = serializers.ListField(child=serializers.CharField(), read_only=True)
    old_secrets_expire_at = serializers.DateTimeField(
        read_only=True,
        help_text="Until then webhook-signature carries both, and the header for the plain"
        " signature keeps to the old one.",
    )
