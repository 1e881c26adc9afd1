"""URLs of the webhooks API."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from webhooks.api.views.deliveries import AttemptViewSet, DeliveryViewSet
from webhooks.api.views.endpoints import EndpointViewSet, SchemeViewSet
from webhooks.api.views.messages import MessageViewSet, RefusalViewSet
from webhooks.api.views.replays import ReplayViewSet
from webhooks.api.views.subscriptions import SubscriptionViewSet
from webhooks.api.views.trials import DefinitionView, PreviewView, TestView

router = SimpleRouter(trailing_slash=False)
router.register("webhooks/subscriptions", SubscriptionViewSet, basename="subscription")
router.register("webhooks/deliveries", DeliveryViewSet, basename="delivery")
router.register("webhooks/replays", ReplayViewSet, basename="replay")
router.register("webhooks/endpoints", EndpointViewSet, basename="endpoint")
router.register("webhooks/schemes", SchemeViewSet, basename="scheme")
router.register("webhooks/messages", MessageViewSet, basename="message")
router.register("webhooks/refusals", RefusalViewSet, basename="refusal")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path(
        "webhooks/deliveries/<str:delivery_id>/attempts",
        AttemptViewSet.as_view({"get": "list"}),
        name="delivery-attempts",
    ),
    path("webhooks/subscriptions/<str:pk>/test", TestView.as_view(), name="subscription-test"),
    path("webhooks/preview", PreviewView.as_view(), name="webhook-preview"),
    path("webhooks/definitions", DefinitionView.as_view(), name="webhook-definition"),
]
