"""What was received and what was refused, and having messages become events again."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.exceptions import Unprocessable
from core.api.schema import error_answer
from core.api.views import TenantViewSet
from webhooks import services
from webhooks.api import inbound_examples as examples
from webhooks.api import refusals
from webhooks.api.filters import MessageFilter, RefusalFilter
from webhooks.api.serializers.messages import (
    MessageDetailSerializer,
    MessageSerializer,
    MessageSpanSerializer,
    RefusalDetailSerializer,
    RefusalSerializer,
    ReplayedMessagesSerializer,
)
from webhooks.errors import TooManyMessagesError
from webhooks.models import Endpoint, Message, Refusal


@extend_schema_view(
    list=extend_schema(summary="List messages, newest first"),
    retrieve=extend_schema(
        summary="Get a message with all that was received",
        responses={200: MessageDetailSerializer},
    ),
)
@extend_schema(tags=["Webhooks"])
class MessageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What the tenant's endpoints have received."""

    queryset = Message.objects.none()
    filterset_class = MessageFilter
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Message]:
        messages: QuerySet[Message] = Message.objects.for_tenant(self.tenant)
        if self.action == "retrieve":
            return messages
        # Nothing of what was received is shown here, and it may be large.
        return messages.defer("query", "headers", "body", "trace", "answer")

    def get_serializer_class(self) -> Any:
        return MessageDetailSerializer if self.action == "retrieve" else MessageSerializer

    @extend_schema(
        operation_id="replay_message",
        summary="Have a message become an event again",
        description=(
            "The event has an id of its own, and is handed out like any other. Its type is where the"
            " endpoint now says."
        ),
        request=None,
        responses={202: MessageSerializer, 409: refusals.NOT_REPLAYABLE_MESSAGE},
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        message = self.get_object()
        with refusals.of_replays():
            services.replay_message(message, actor=self.actor)
        return Response(MessageSerializer(message).data, status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="replay_messages",
        summary="Have the messages of a period become events again",
        description=(
            "All that was received from `since` until before `until`, by one endpoint or by all; with"
            " `dry_run`, only how many there are. What is about to become an event anyway, and what"
            " has been erased, is passed over. More than 10,000 are refused: `TOO_MANY_MESSAGES`."
        ),
        request=MessageSpanSerializer,
        responses={
            200: OpenApiResponse(ReplayedMessagesSerializer, "With `dry_run`: how many there are."),
            202: ReplayedMessagesSerializer,
            404: error_answer("`NOT_FOUND`: there is no such endpoint, or it is not yours."),
        },
        examples=[examples.REPLAY],
    )
    @action(detail=False, methods=["post"], url_path="replay", url_name="replay-many")
    def replay_many(self, request: Request) -> Response:
        given = MessageSpanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        span = services.MessageSpan(
            since=asked["since"],
            until=asked.get("until") or timezone.now(),
            endpoint=self._endpoint(asked.get("endpoint")),
        )
        if asked["dry_run"]:
            return Response({"count": services.count_replayable(self.tenant, span)})
        try:
            count = services.replay_span(self.tenant, span, actor=self.actor)
        except TooManyMessagesError as error:
            raise Unprocessable(
                str(error), error="TOO_MANY_MESSAGES", details={"count": error.count}
            ) from error
        return Response({"count": count}, status.HTTP_202_ACCEPTED)

    def _endpoint(self, pk: str | None) -> Endpoint | None:
        if pk is None:
            return None
        return get_object_or_404(Endpoint.objects.for_tenant(self.tenant), pk=pk)


@extend_schema_view(
    list=extend_schema(
        summary="List refusals, latest hour first",
        description="Requests that endpoints have refused, counted by reason and hour.",
    ),
    retrieve=extend_schema(
        summary="Get a refusal with what was refused",
        responses={200: RefusalDetailSerializer},
    ),
)
@extend_schema(tags=["Webhooks"])
class RefusalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What was refused at the tenant's URLs."""

    queryset = Refusal.objects.none()
    filterset_class = RefusalFilter
    ordering = ("-hour", "-id")
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    def get_queryset(self) -> QuerySet[Refusal]:
        found: QuerySet[Refusal] = Refusal.objects.for_tenant(self.tenant)
        return found if self.action == "retrieve" else found.defer("headers", "body")

    def get_serializer_class(self) -> Any:
        return RefusalDetailSerializer if self.action == "retrieve" else RefusalSerializer
