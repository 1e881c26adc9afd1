"""Having messages become events again, from their pages in the admin: one, some, those of a period."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from core.admin.actors import actor_of, staff_of
from core.admin.decorators import action
from core.display import list_url
from core.models import Tenant
from webhooks import services
from webhooks.admin.recovery import ASKED_FIRST, MOMENT, MomentField
from webhooks.admin.wording import messages_become
from webhooks.errors import NotReplayableError, TooManyMessagesError
from webhooks.models import Endpoint, Message
from webhooks.services import MessageSpan

# Each is a field of the form that asks; Django takes 1,000, and some are not messages.
MOST_CHOSEN = 900


class WindowForm(forms.Form):
    """Which messages, and from when to when. One of several tenants is known by its endpoint."""

    endpoint = forms.ModelChoiceField(
        queryset=Endpoint.objects.none(), required=False, widget=UnfoldAdminSelectWidget
    )
    since = MomentField(label="Received from (UTC)")
    until = MomentField(
        required=False, label="Received before (UTC)", help_text="Empty: until now."
    )

    def __init__(self, *args: Any, tenant: Tenant | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._tenant = tenant
        field: Any = self.fields["endpoint"]
        rows = Endpoint.objects.select_related("tenant").defer("expected_headers", "options")
        if tenant is None:
            field.queryset = rows
            field.required = True
            field.label_from_instance = lambda row: f"{row} · {row.tenant}"
        else:
            field.queryset = rows.filter(tenant=tenant)
            field.empty_label = "All endpoints"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "This must be later than the beginning.")
        return cleaned

    def window(self) -> tuple[Tenant, MessageSpan]:
        """Return whose messages are meant, and which; the form must be valid."""
        endpoint: Endpoint | None = self.cleaned_data["endpoint"]
        tenant = endpoint.tenant if endpoint is not None else self._tenant
        if tenant is None:
            raise ValueError("the form is not valid: it names no endpoint")
        until = self.cleaned_data["until"] or timezone.now()
        return tenant, MessageSpan(since=self.cleaned_data["since"], until=until, endpoint=endpoint)

    def typed(self) -> str:
        """Return what was typed, to tell whether it is what was counted."""
        names = ("endpoint", "since", "until")
        return " / ".join((self.data.get(name) or "").strip() for name in names)


class MessageReplayViews:
    """The pages that ask and then replay, for the admin of messages."""

    admin_site: Any
    opts: Any

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may have messages become events again."""
        return request.user.has_perm("webhooks.change_message")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what can be done with the message as it stands."""
        row = self.get_object(request, unquote(str(object_id)))  # type: ignore[attr-defined]
        offered: list[Any] = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        if row is not None and row.body is not None and row.state != Message.State.RECEIVED:
            return offered
        return [each for each in offered if each.path != "replay"]

    @action(description="Replay", url_path="replay", permissions=["replay"], icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have a message become an event again."""
        message: Message = self.row_or_404(request, object_id)  # type: ignore[attr-defined]
        if request.method != "POST":
            asked: HttpResponse = self.ask(  # type: ignore[attr-defined]
                request,
                message,
                title="Replay this message?",
                text="It becomes an event once more, and whoever reacts to such events does so again.",
                button="Replay",
            )
            return asked
        try:
            services.replay_message(message, actor=actor_of(request))
        except NotReplayableError as error:
            return self._back(request, message, str(error), messages.WARNING)
        text = "The message becomes an event again."
        return self._back(request, message, text, messages.SUCCESS)

    @admin.action(description="Replay the chosen ones", permissions=["replay"])
    def replay_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Say how many of the chosen ones can be replayed, and do it once that is confirmed."""
        ordered = queryset.select_related(None).order_by()
        chosen = list(ordered.values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if len(chosen) > MOST_CHOSEN:
            text = f"Choose at most {MOST_CHOSEN:,}. Replay a period takes more."
            messages.warning(request, text)
            return None
        if "sure" not in request.POST:
            return self._ask_about(request, chosen)
        found: dict[str, list[str]] = {}
        for key, tenant in ordered.values_list("pk", "tenant"):
            found.setdefault(tenant, []).append(key)
        count = sum(
            services.replay_messages(tenant, found[tenant.pk], actor=actor_of(request))
            for tenant in Tenant.objects.filter(pk__in=found)
        )
        level = messages.SUCCESS if count else messages.WARNING
        messages.add_message(request, level, messages_become(count))
        return None

    def _ask_about(self, request: HttpRequest, chosen: list[str]) -> HttpResponse:
        rows: Any = Message.objects.filter(pk__in=chosen)
        count = rows.replayable().count()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Replay the chosen messages?",
            "chosen": chosen,
            "count": count,
            "left": len(chosen) - count,
            "back_url": request.get_full_path(),
        }
        return TemplateResponse(request, "webhooks/replay_messages.html", context)

    @action(
        description="Replay a period",
        url_path="replay-window",
        permissions=["replay"],
        icon="settings_backup_restore",
    )
    def replay_window(self, request: HttpRequest) -> HttpResponse:
        """Ask for a period, show how many messages it holds, and replay those."""
        first = {"since": (timezone.now() - ASKED_FIRST).strftime(MOMENT)}
        first["endpoint"] = request.GET.get("endpoint", "")
        tenant = staff_of(request).tenant
        form = WindowForm(request.POST or None, initial=first, tenant=tenant)
        counted = request.POST.get("counted")
        count = None
        if form.is_valid():
            whose, span = form.window()
            if "sure" in request.POST and counted == form.typed():
                try:
                    count = services.replay_span(whose, span, actor=actor_of(request))
                except TooManyMessagesError as error:
                    form.add_error(None, str(error))
                else:
                    messages.success(request, messages_become(count))
                    return HttpResponseRedirect(list_url(Message))
            count = services.count_replayable(whose, span)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Replay what was received in this period?",
            "form": form,
            "count": count,
            "counted_anew": count is not None and counted not in (None, form.typed()),
            "back_url": list_url(Message),
        }
        return TemplateResponse(request, "webhooks/replay_window.html", context)

    def _back(self, request: HttpRequest, row: Message, text: str, level: int) -> HttpResponse:
        answer: HttpResponse = self.back_to(request, row, text, level)  # type: ignore[attr-defined]
        return answer
