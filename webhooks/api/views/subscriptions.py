"""Subscriptions: who wants which events, and how they are sent."""

from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.exceptions import Unprocessable
from core.api.serializers import ProblemSerializer
from core.api.views import TenantViewSet
from webhooks import services
from webhooks.api import examples, refusals
from webhooks.api.errors import refused
from webhooks.api.serializers.deliveries import RecoverySerializer, ReplayedSerializer
from webhooks.api.serializers.subscriptions import (
    CreatedSubscriptionSerializer,
    NewSubscriptionSerializer,
    RotatedSecretSerializer,
    SavedSubscriptionSerializer,
    SecretRotationSerializer,
    SubscriptionChangesSerializer,
    SubscriptionSerializer,
)
from webhooks.api.views.replays import recovered
from webhooks.errors import InvalidSubscriptionError, RotationRefusedError
from webhooks.models import SigningSecret, Subscription


@extend_schema_view(
    list=extend_schema(summary="List subscriptions, newest first"),
    retrieve=extend_schema(summary="Get a subscription"),
)
@extend_schema(tags=["Webhooks"])
class SubscriptionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """The tenant's subscriptions."""

    queryset = Subscription.objects.none()
    serializer_class = SubscriptionSerializer
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Subscription]:
        pairs = SigningSecret.objects.filter(kind=SigningSecret.Kind.ED25519).live(timezone.now())
        subscriptions: QuerySet[Subscription] = (
            Subscription.objects.for_tenant(self.tenant)
            .select_related("tenant", "lane")
            .prefetch_related(Prefetch("secrets", queryset=pairs, to_attr="key_pairs"))
        )
        return subscriptions

    @extend_schema(
        summary="Create a subscription",
        description=(
            "The answer holds the secret that its requests are signed with; it is not shown again."
            " Every request carries the headers of Standard Webhooks."
        ),
        request=NewSubscriptionSerializer,
        responses={201: CreatedSubscriptionSerializer},
        examples=[examples.ORDER_NOTIFICATION, examples.CREATED],
    )
    def create(self, request: Request) -> Response:
        given = NewSubscriptionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        fields: Any = dict(given.validated_data)
        secret = fields.pop("secret", "")
        try:
            saved = services.create_subscription(
                self.tenant, fields, actor=self.actor, secret=secret
            )
        except InvalidSubscriptionError as error:
            raise refused(error) from error
        body = {**self._shown(saved), "secret": saved.secrets[0].secret}
        location = reverse("subscription-detail", args=[saved.subscription.id])
        return Response(body, status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        summary="Change a subscription",
        description="Changes what is sent and leaves the rest. A list is replaced as a whole.",
        request=SubscriptionChangesSerializer,
        responses={200: SavedSubscriptionSerializer},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        subscription = self.get_object()
        given = SubscriptionChangesSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changes: Any = dict(given.validated_data)
        try:
            saved = services.update_subscription(subscription, changes, actor=self.actor)
        except InvalidSubscriptionError as error:
            raise refused(error) from error
        return Response(self._shown(saved))

    @extend_schema(
        summary="Delete a subscription",
        description=(
            "It is gone at once, and its secrets with it. What is still owed to it is not sent any"
            " more, and is erased in the background with the log of its deliveries."
        ),
        responses={204: None},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        services.delete_subscription(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="enable_subscription",
        summary="Switch a subscription on",
        description="Deliveries that have been waiting are sent now.",
        request=None,
        responses={200: SubscriptionSerializer},
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str) -> Response:
        subscription = self.get_object()
        services.enable(subscription, actor=self.actor)
        return Response(SubscriptionSerializer(self.get_object()).data)

    @extend_schema(
        operation_id="recover_subscription",
        summary="Send again what was given up in a period",
        description=(
            "All dead deliveries of the subscription from `since` until before `until`, whatever the"
            " reason; with `dry_run`, only how many there are. More than 1,000 are put back in the"
            " queue little by little: the answer names the replay that tells how far it is."
        ),
        request=RecoverySerializer,
        responses={
            200: OpenApiResponse(ReplayedSerializer, "With `dry_run`: how many there are."),
            202: ReplayedSerializer,
            409: refusals.SWITCHED_OFF,
        },
        examples=[examples.RECOVERY],
    )
    @action(detail=True, methods=["post"])
    def recover(self, request: Request, pk: str) -> Response:
        subscription = self.get_object()
        given = RecoverySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        span = services.Span(
            since=asked["since"], until=asked.get("until"), subscription=subscription
        )
        return recovered(self.tenant, span, actor=self.actor, dry_run=asked["dry_run"])

    @extend_schema(
        operation_id="disable_subscription",
        summary="Switch a subscription off",
        description="It gets no new deliveries; those that are pending wait.",
        request=None,
        responses={200: SubscriptionSerializer},
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str) -> Response:
        subscription = self.get_object()
        services.disable(subscription, actor=self.actor)
        return Response(SubscriptionSerializer(subscription).data)

    @extend_schema(
        operation_id="rotate_subscription_secret",
        summary="Replace the secret",
        description=(
            "Until the overlap ends, `webhook-signature` carries a signature by each secret, the"
            " newest first, and the header for the plain signature keeps to the old secret."
        ),
        request=SecretRotationSerializer,
        responses={200: RotatedSecretSerializer},
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        subscription = self.get_object()
        given = SecretRotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        overlap = timedelta(hours=given.validated_data["overlap_hours"])
        try:
            new = services.rotate_secret(
                subscription,
                actor=self.actor,
                overlap=overlap,
                secret=given.validated_data["secret"],
            )
        except RotationRefusedError as error:
            raise Unprocessable(str(error), error="ROTATION_REFUSED") from error
        body = {
            "secret": new[0].secret,
            "public_keys": SubscriptionSerializer(self.get_object()).data["public_keys"],
            "old_secrets_expire_at": SigningSecret.objects.last_expiry(subscription),
        }
        return Response(RotatedSecretSerializer(body).data)

    def _shown(self, saved: services.Saved) -> dict[str, Any]:
        subscription = self.get_queryset().get(pk=saved.subscription.pk)
        warnings = [problem.as_dict() for problem in saved.warnings]
        return {
            **SubscriptionSerializer(subscription).data,
            "warnings": ProblemSerializer(warnings, many=True).data,
        }
