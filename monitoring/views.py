"""Whether this process is alive and can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from core.sql import on_postgresql

# A standby, and a primary that has been fenced off, answer but take no writes.
LOOK = "SELECT current_setting('transaction_read_only')"


def live(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process runs."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be served, 503 when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(LOOK if on_postgresql() else "SELECT 'off'")
            takes_writes = cursor.fetchone() == ("off",)
    except DatabaseError:
        return _unavailable("no answer")
    if not takes_writes:
        return _unavailable("read-only")
    return JsonResponse({"status": "ok", "database": "ok"})


def _unavailable(why: str) -> JsonResponse:
    return JsonResponse({"status": "unavailable", "database": why}, status=503)
