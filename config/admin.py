"""The admin site."""

import hashlib
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

ATTEMPTS_PER_NAME = 10
ATTEMPTS_PER_ADDRESS = 60
ATTEMPTS_WINDOW = timedelta(minutes=5)


class LoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold is not typed
    """Signing in, with a limit on guessing per address, and per name and address."""

    error_messages: ClassVar[dict[str, str]] = {
        **AuthenticationForm.error_messages,
        "invalid_login": "The name or the password is not right, or may not sign in here.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address or user name"

    def clean(self) -> dict[str, Any]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        name = str(self.cleaned_data.get("username", "")).casefold()
        # Name and address together: nobody can lock a person out from elsewhere.
        pair = hashlib.sha256(f"{name} {address}".encode()).hexdigest()[:32]
        limits = {
            f"login-address:{address}": ATTEMPTS_PER_ADDRESS,
            f"login-name:{pair}": ATTEMPTS_PER_NAME,
        }
        if not all(_has_room(bucket, limit) for bucket, limit in limits.items()):
            raise ValidationError(
                "Too many attempts to sign in. Try again in a few minutes.", code="too_many"
            )
        cleaned: dict[str, Any] = super().clean()
        return cleaned


def _has_room(bucket: str, limit: int) -> bool:
    from core import throttling  # noqa: PLC0415  # the site is loaded before the models

    now = timezone.now()
    return throttling.take(bucket, limit=limit, window=ATTEMPTS_WINDOW, now=now).allowed


class PatchbaySite(UnfoldAdminSite):  # type: ignore[misc]
    """Where staff configure everything and watch it work."""

    site_title = "Patchbay"
    site_header = "Patchbay"
    index_title = "Dashboard"
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in staff, but not the staff of a tenant that is switched off."""
        allowed: bool = super().has_permission(request)
        if not allowed:
            return False
        tenant = request.user.tenant  # type: ignore[union-attr]  # staff are not anonymous
        return tenant is None or tenant.active

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in and go on to the dashboard when nothing else was asked for."""
        if request.method == "GET" and REDIRECT_FIELD_NAME not in request.GET:
            target = urlencode({REDIRECT_FIELD_NAME: reverse("admin:index")})
            return HttpResponseRedirect(f"{request.path}?{target}")
        answer: HttpResponse = super().login(request, extra_context)
        return answer

    def extra_urls(self) -> list[URLPattern]:
        from core.admin import shown_once  # noqa: PLC0415  # the site is loaded before the models

        return [path("secret/", self.admin_view(shown_once.view), name="shown-once")]
