"""Configuration values: set and deleted, never read."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from core import services
from core.api.serializers.credentials import ConfigValueSerializer, NewConfigValueSerializer
from core.api.views.tenant import TenantViewSet
from core.models import ConfigValue

NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$", "description": "Its name."}
SET_EXAMPLE = OpenApiExample(
    "A token of the warehouse",
    request_only=True,
    value={"value": "wh-secret-token", "description": "Sent to the warehouse with each order"},
)


@extend_schema_view(
    list=extend_schema(
        operation_id="list_config_values",
        summary="List configuration values by name, without the values",
    )
)
@extend_schema(tags=["Configuration"])
class ConfigValueViewSet(mixins.ListModelMixin, TenantViewSet):
    """What templates read as ``{{config.<name>}}``."""

    queryset = ConfigValue.objects.none()
    serializer_class = ConfigValueSerializer
    lookup_field = "name"
    ordering = ("name",)
    read_scope = "config:read"
    write_scope = "config:write"
    path_parameters = {"name": NAME}

    def get_queryset(self) -> QuerySet[ConfigValue]:
        values: QuerySet[ConfigValue] = ConfigValue.objects.for_tenant(self.tenant)
        return values.defer("value")

    @extend_schema(
        operation_id="set_config_value",
        summary="Set a configuration value",
        request=NewConfigValueSerializer,
        responses={200: ConfigValueSerializer},
        examples=[SET_EXAMPLE],
    )
    def update(self, request: Request, name: str) -> Response:
        given = NewConfigValueSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = services.set_config_value(
            self.tenant,
            name,
            given.validated_data["value"],
            description=given.validated_data.get("description"),
            actor=self.actor,
        )
        return Response(ConfigValueSerializer(row).data)

    @extend_schema(
        operation_id="delete_config_value",
        summary="Delete a configuration value",
        responses={204: None},
    )
    def destroy(self, request: Request, name: str) -> Response:
        services.delete_config_value(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)
