"""The product's URLs, and one with nothing behind it: what Django and the web server cost."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    """Answer, and do nothing else."""
    return HttpResponse(b'{"received": true}', content_type="application/json")


urlpatterns = [path("empty/hook", empty), *product]
