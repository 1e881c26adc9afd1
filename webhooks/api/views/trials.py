"""Trying out before and after saving: previews, tests, pasted definitions."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.exceptions import Unprocessable
from core.api.schema import id_schema
from core.api.views import TenantView
from webhooks import samples, services
from webhooks.api import examples
from webhooks.api.serializers.trials import (
    DefinedFieldsSerializer,
    DefinitionSerializer,
    PreviewResultSerializer,
    PreviewSerializer,
    TestResultSerializer,
    TestSerializer,
)
from webhooks.definitions import parse_definition
from webhooks.errors import DefinitionError
from webhooks.models import Subscription
from webhooks.types import Headers, ShownRequest, Templates, TestResult


@extend_schema(tags=["Webhooks"])
class TestView(TenantView):
    """Sends one request now. Not idempotent: each call sends."""

    __test__ = False
    read_scope = "webhooks:read"
    write_scope = "webhooks:write"
    idempotent = False
    path_parameters = {"id": {**id_schema("sub"), "description": "The subscription."}}

    @extend_schema(
        operation_id="test_subscription",
        summary="Send a test",
        description=(
            "Sends one signed request with a sample event and answers what came back. It waits for"
            " the receiver. Nothing is retried, and nothing appears among the deliveries."
        ),
        request=TestSerializer,
        responses={200: TestResultSerializer},
    )
    def post(self, request: Request, pk: str) -> Response:
        mine = Subscription.objects.for_tenant(self.tenant).select_related("tenant")
        subscription = get_object_or_404(mine, pk=pk)
        given = TestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        sample = services.Sample(
            event_type=asked.get("event_type")
            or samples.type_for(self.tenant, subscription.event_types),
            data=asked.get("data"),
        )
        result = services.send_test(subscription, sample, actor=self.actor)
        return Response(_shown_result(result))


@extend_schema(tags=["Webhooks"])
class PreviewView(TenantView):
    """Renders templates with a sample event."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    @extend_schema(
        operation_id="preview_webhook",
        summary="Preview a request",
        description=(
            "Renders templates with a sample event; nothing is sent or stored. Configuration"
            " values are shown by their names: `config.api_key` as `config-api-key`."
        ),
        request=PreviewSerializer,
        responses={200: PreviewResultSerializer},
        examples=[examples.PREVIEW],
    )
    def post(self, request: Request) -> Response:
        given = PreviewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = given.validated_data
        templates = Templates(
            method=asked["method"],
            url=asked["url"],
            headers=tuple((header["name"], header["value"]) for header in asked["headers"]),
            payload_format=asked["payload_format"],
            payload=asked["payload"],
        )
        sample = services.Sample(event_type=asked["event_type"], data=asked.get("data"))
        result = services.preview(self.tenant, templates, sample, filter_=asked["filter"])
        body = {
            "event": result.event,
            "request": _shown_request(result.request) if result.request else None,
            "matched": result.matched,
            "problems": [problem.as_dict() for problem in result.problems],
        }
        return Response(PreviewResultSerializer(body).data, status.HTTP_200_OK)


@extend_schema(tags=["Webhooks"])
class DefinitionView(TenantView):
    """Reads a pasted definition."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:write"

    @extend_schema(
        operation_id="read_webhook_definition",
        summary="Read a pasted definition",
        description=(
            "Turns a webhook definition as documents and scripts show it into the fields of a"
            " subscription. Nothing is stored."
        ),
        request=DefinitionSerializer,
        responses={200: DefinedFieldsSerializer},
        examples=[examples.DEFINITION],
    )
    def post(self, request: Request) -> Response:
        given = DefinitionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            fields = parse_definition(given.validated_data["definition"])
        except DefinitionError as error:
            raise Unprocessable(
                str(error),
                error="INVALID_DEFINITION",
                details=[
                    {
                        "path": "definition",
                        "code": "invalid_definition",
                        "message": error.message,
                        "line": error.line,
                    }
                ],
            ) from error
        return Response(fields)


def _shown_result(result: TestResult) -> dict[str, Any]:
    outcome = result.outcome
    answered = outcome.status_code is not None
    body = {
        "delivered": result.delivered,
        "duration_ms": int(outcome.duration.total_seconds() * 1000),
        "error_code": outcome.error_code,
        "error": outcome.error,
        "request": _shown_request(result.request),
        "response": {
            "status_code": outcome.status_code,
            "headers": _listed(outcome.response_headers),
            "body": outcome.response_body,
        }
        if answered
        else None,
    }
    return dict(TestResultSerializer(body).data)


def _shown_request(request: ShownRequest) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": _listed(request.headers),
        "body": request.body,
    }


def _listed(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
