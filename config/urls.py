"""Every URL of the installation."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core.oauth import AuthorizeView, RevokeTokenView, TokenView
from monitoring import views as monitoring

api: list[URLPattern | URLResolver] = [
    path("", include("core.api.urls")),
    path("", include("records.api.urls")),
    path("", include("webhooks.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]

# django-oauth-toolkit's own names, so that its views and redirects find each other.
oauth = (
    [
        path("authorize", AuthorizeView.as_view(), name="authorize"),
        path("token", TokenView.as_view(), name="token"),
        path("revoke", RevokeTokenView.as_view(), name="revoke-token"),
    ],
    "oauth2_provider",
)

to_the_admin = RedirectView.as_view(pattern_name="admin:index")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", to_the_admin),
    path("admin", to_the_admin),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    path("oauth/", include(oauth)),
    path("in/", include("webhooks.inbound.urls")),
    path("scim/v2/", include("scim.urls")),
    path("health/live", monitoring.live, name="health-live"),
    path("health/ready", monitoring.ready, name="health-ready"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
