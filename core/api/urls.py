"""URLs of the core API."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from core.api.views.api_keys import ApiKeyViewSet
from core.api.views.configuration import ConfigValueViewSet
from core.api.views.event_types import EventTypeViewSet
from core.api.views.events import EventViewSet
from core.api.views.me import CallerView

router = SimpleRouter(trailing_slash=False)
router.register("events", EventViewSet, basename="event")
router.register("event-types", EventTypeViewSet, basename="event-type")
router.register("api-keys", ApiKeyViewSet, basename="api-key")
router.register("config", ConfigValueViewSet, basename="config-value")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("me", CallerView.as_view(), name="me"),
]
