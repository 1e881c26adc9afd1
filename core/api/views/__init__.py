"""Views of the core API, and the base of every view of the tenant API."""

from core.api.views.tenant import TenantView, TenantViewSet

__all__ = ["TenantView", "TenantViewSet"]
