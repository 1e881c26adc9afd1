"""Recovering what a subscription was not sent in a period, from its page in the admin."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin.actors import actor_of
from core.admin.decorators import action
from webhooks import services
from webhooks.admin.wording import deliveries_are
from webhooks.errors import SubscriptionDisabledError
from webhooks.models import Subscription
from webhooks.services.recoveries import BATCH_SIZE

ASKED_FIRST = timedelta(hours=24)
MOMENT = "%Y-%m-%dT%H:%M"


class MomentWidget(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # unfold is not typed
    """The browser's own field for a date and a time."""

    input_type = "datetime-local"


class MomentField(forms.DateTimeField):
    """A moment in UTC that a database can hold."""

    widget = MomentWidget

    def clean(self, value: Any) -> datetime | None:
        try:
            moment: datetime | None = super().clean(value)
            return moment.astimezone(UTC) if moment else None
        except OverflowError as error:
            raise ValidationError("This is out of range.", code="invalid") from error


class SpanForm(forms.Form):
    """From when to when."""

    since = MomentField(label="Given up from (UTC)")
    until = MomentField(
        required=False, label="Given up before (UTC)", help_text="Empty: until now."
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "This must be later than the beginning.")
        return cleaned

    def typed(self) -> str:
        """Return the span as it was typed, to tell whether it is the one that was counted."""
        return " / ".join((self.data.get(name) or "").strip() for name in ("since", "until"))


class RecoveryViews:
    """The page that counts what was given up in a period, and then sends it again."""

    admin_site: Any
    opts: Any

    @action(
        description="Recover",
        url_path="recover",
        permissions=["change"],
        icon="settings_backup_restore",
    )
    def recover(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a span, show how much it holds, and send that again."""
        row: Subscription = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        first = {"since": (timezone.now() - ASKED_FIRST).strftime(MOMENT)}
        form = SpanForm(request.POST or None, initial=first)
        count = None
        counted = request.POST.get("counted") == form.typed()
        if form.is_valid():
            span = services.Span(
                since=form.cleaned_data["since"],
                until=form.cleaned_data["until"],
                subscription=row,
            )
            try:
                if "sure" in request.POST and counted:
                    return self._recovered(request, row, span)
                count = services.count_recoverable(row.tenant, span)
            except SubscriptionDisabledError as error:
                return self._back(request, row, str(error), messages.WARNING)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Recover what {row.name} has missed?",
            "form": form,
            "count": count,
            "is_long": count is not None and count > BATCH_SIZE,
            "counted_anew": "sure" in request.POST and count is not None,
            "back_url": self.url_of(row),  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "webhooks/recover.html", context)

    def _recovered(
        self, request: HttpRequest, row: Subscription, span: services.Span
    ) -> HttpResponse:
        recovery = services.recover(row.tenant, span, actor=actor_of(request))
        if recovery.replay is None:
            text = f"{deliveries_are(recovery.count)} sent again."
            return self._back(request, row, text, messages.SUCCESS)
        text = f"{deliveries_are(recovery.count)} being put back in the queue."
        messages.success(request, text)
        page = reverse("admin:webhooks_replay_change", args=[recovery.replay.pk])
        return HttpResponseRedirect(page)

    def _back(self, request: HttpRequest, row: Subscription, text: str, level: int) -> HttpResponse:
        answer: HttpResponse = self.back_to(request, row, text, level)  # type: ignore[attr-defined]
        return answer
