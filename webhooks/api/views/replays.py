"""Long replays: how far they are, and the answer to what starts one."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import TenantViewSet
from core.models import Tenant
from core.types import Actor
from webhooks import services
from webhooks.api import refusals
from webhooks.api.serializers.deliveries import ReplayedSerializer, ReplaySerializer
from webhooks.models import Replay


@extend_schema_view(
    list=extend_schema(summary="List long replays, newest first"),
    retrieve=extend_schema(summary="See how far a long replay is"),
)
@extend_schema(tags=["Webhooks"])
class ReplayViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Replays of more deliveries than are put back in the queue at once."""

    queryset = Replay.objects.none()
    serializer_class = ReplaySerializer
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Replay]:
        replays: QuerySet[Replay] = Replay.objects.for_tenant(self.tenant)
        return replays

    @extend_schema(
        operation_id="cancel_replay",
        summary="Stop a long replay",
        description="What it has put back in the queue already is sent. Safe to repeat.",
        request=None,
        responses={200: ReplaySerializer},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        replay = self.get_object()
        services.cancel(replay, actor=self.actor)
        return Response(ReplaySerializer(replay).data)


def recovered(tenant: Tenant, span: services.Span, *, actor: Actor, dry_run: bool) -> Response:
    """Send again what was given up in a period, or count it, and return the answer."""
    with refusals.of_replays():
        if dry_run:
            return replayed(services.count_recoverable(tenant, span), dry_run=True)
        recovery = services.recover(tenant, span, actor=actor)
    return replayed(recovery.count, recovery.replay)


def replayed(count: int, replay: Replay | None = None, *, dry_run: bool = False) -> Response:
    """Return the answer that says how many deliveries are sent again, or would be."""
    body = {"count": count, "replay": replay and replay.id}
    code = status.HTTP_200_OK if dry_run else status.HTTP_202_ACCEPTED
    return Response(ReplayedSerializer(body).data, code)
