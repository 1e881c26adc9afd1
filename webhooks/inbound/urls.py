"""URLs that others send webhooks to."""

from django.urls import path

from webhooks.inbound.views import receive

urlpatterns = [path("<slug:tenant>/<path:path>", receive, name="inbound")]
