"""Deliveries: what was sent, what came of it, and sending it again."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.schema import error_answer, id_schema
from core.api.views import TenantViewSet
from webhooks import services
from webhooks.api import examples, refusals
from webhooks.api.filters import DeliveryFilter
from webhooks.api.serializers.deliveries import (
    AttemptSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    ReplayedSerializer,
    ReplaySelectionSerializer,
)
from webhooks.api.views.replays import recovered, replayed
from webhooks.models import Attempt, Delivery, Subscription


@extend_schema_view(
    list=extend_schema(summary="List deliveries, newest first"),
    retrieve=extend_schema(
        summary="Get a delivery with its attempts", responses={200: DeliveryDetailSerializer}
    ),
)
@extend_schema(tags=["Webhooks"])
class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """The log of deliveries."""

    queryset = Delivery.objects.none()
    filterset_class = DeliveryFilter
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Delivery]:
        deliveries: QuerySet[Delivery] = Delivery.objects.for_tenant(self.tenant)
        # Of the event only its type is shown: its data may be large.
        return deliveries.select_related("event").defer("event__data")

    def get_serializer_class(self) -> Any:
        return DeliveryDetailSerializer if self.action == "retrieve" else DeliverySerializer

    @extend_schema(
        operation_id="replay_delivery",
        summary="Send a delivery again",
        description=(
            "Puts a delivered or dead delivery back in the queue, with all its retries, and closes"
            " the circuit of its receiver. The receiver sees the same `webhook-id` and can tell that"
            " it is a repeat."
        ),
        request=None,
        responses={202: DeliverySerializer, 409: refusals.NOT_REPLAYABLE},
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        delivery = self.get_object()
        with refusals.of_replays():
            services.replay(delivery, actor=self.actor)
        return Response(DeliverySerializer(delivery).data, status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="retry_delivery",
        summary="Send a pending delivery now",
        description=(
            "Sends it without waiting for its next retry, also while the circuit of its receiver is"
            " open, which this closes. Its retries go on counting."
        ),
        request=None,
        responses={202: DeliverySerializer, 409: refusals.NOT_PENDING},
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        delivery = self.get_object()
        with refusals.of_replays():
            services.retry_now(delivery, actor=self.actor)
        return Response(DeliverySerializer(delivery).data, status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="replay_deliveries",
        summary="Send several deliveries again",
        description=(
            "Those that are still pending, not yours, of a subscription that is switched off, or of"
            " an event whose data has been erased, are passed over. More than 1,000 are put back in"
            " the queue little by little: the answer names the replay that tells how far it is."
        ),
        request=ReplaySelectionSerializer,
        responses={
            200: OpenApiResponse(ReplayedSerializer, "With `dry_run`: how many there are."),
            202: ReplayedSerializer,
            404: error_answer("`NOT_FOUND`: there is no such subscription, or it is not yours."),
            409: refusals.SWITCHED_OFF,
        },
        examples=[examples.REPLAY],
    )
    @action(detail=False, methods=["post"], url_path="replay", url_name="replay-many")
    def replay_many(self, request: Request) -> Response:
        given = ReplaySelectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        if "ids" not in asked:
            subscription = self._subscription(asked.get("subscription"))
            span = services.Span(since=asked["failed_since"], subscription=subscription)
            return recovered(self.tenant, span, actor=self.actor, dry_run=asked["dry_run"])
        chosen = Delivery.objects.for_tenant(self.tenant).filter(id__in=asked["ids"])
        if asked["dry_run"]:
            return replayed(chosen.replayable().count(), dry_run=True)
        return replayed(services.replay_many(self.tenant, chosen, actor=self.actor))

    def _subscription(self, pk: str | None) -> Subscription | None:
        if pk is None:
            return None
        return get_object_or_404(Subscription.objects.for_tenant(self.tenant), pk=pk)


@extend_schema_view(list=extend_schema(summary="List the attempts of a delivery, newest first"))
@extend_schema(tags=["Webhooks"])
class AttemptViewSet(mixins.ListModelMixin, TenantViewSet):
    """Every try to send one delivery."""

    path_parameters = {"delivery_id": {**id_schema("dlv"), "description": "The delivery."}}
    queryset = Attempt.objects.none()
    serializer_class = AttemptSerializer
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Attempt]:
        mine = Delivery.objects.for_tenant(self.tenant)
        delivery = get_object_or_404(mine, pk=self.kwargs["delivery_id"])
        attempts: QuerySet[Attempt] = Attempt.objects.for_tenant(self.tenant).of(delivery)
        return attempts
