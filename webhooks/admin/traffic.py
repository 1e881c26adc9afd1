"""What endpoints have received and refused lately, asked for a page of them in one query."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.decorators import display
from core.display import age, list_url
from core.ids import encode
from core.templatetags.patchbay import MOST_COUNTED, at_most, grouped
from webhooks.models import Endpoint, Message, Refusal

LATELY = timedelta(hours=24)


class CountOf(Subquery):
    """How many rows a subquery has; one with a limit is counted no further than that."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"


def with_traffic(rows: QuerySet[Endpoint], now: datetime) -> QuerySet[Any]:
    """Return ``rows`` with what came in the last 24 hours, and when the last message came.

    Messages are counted up to a bound, along the index of their ids: those hold the time.
    """
    since = now - LATELY
    messages = Message.objects.filter(endpoint=OuterRef("pk"))
    lately = messages.filter(pk__gte=first_id(since)).order_by("-pk")
    refusals = Refusal.objects.filter(endpoint=OuterRef("pk"), last_at__gte=since)
    sums = refusals.order_by().values("endpoint").annotate(total=Sum("count"))
    return rows.annotate(
        received_lately=CountOf(lately.values("pk")[: MOST_COUNTED + 1], IntegerField()),
        received_last=Subquery(messages.order_by("-pk").values("received_at")[:1]),
        refused_lately=Subquery(sums.values("total")),
    )


def first_id(moment: datetime) -> str:
    """Return an id that no message made at ``moment`` or later comes before (RFC 9562, 5.7)."""
    milliseconds = int(moment.timestamp() * 1_000)
    return encode("msg", UUID(int=milliseconds << 80))


class TrafficColumns:
    """What the list of endpoints shows of their traffic."""

    @display(description="received, 24 h")
    def received(self, row: Any) -> SafeString:
        url = list_url(Message, endpoint__id__exact=row.pk)
        last = age(row.received_last, timezone.now()) if row.received_last else "never"
        return _counted(url, at_most(row.received_lately), f"received by {row.name}", last)

    @display(description="refused, 24 h")
    def refused(self, row: Any) -> SafeString | str:
        if not row.refused_lately:
            return "0"
        url = list_url(Refusal, endpoint__id__exact=row.pk)
        return _counted(url, grouped(row.refused_lately), f"refused by {row.name}", "")


def _counted(url: str, number: str, what: str, note: SafeString | str) -> SafeString:
    link = format_html(
        '<a class="text-link" href="{}" aria-label="{} {}">{}</a>', url, number, what, number
    )
    return format_html("{}<span class='patchbay-note'>{}</span>", link, note) if note else link
