"""Writing the log of API calls."""

import logging

from core.auth import Credential
from monitoring.models import ApiCall

logger = logging.getLogger(__name__)


def log_call(
    *,
    credential: Credential | None,
    method: str,
    path: str,
    route: str,
    status_code: int,
    duration_ms: int,
    request_id: str,
    ip_address: str | None,
) -> ApiCall:
    """Write down one answered request. Query strings and bodies are left out: they may be secret."""
    call: ApiCall = ApiCall.objects.create(
        tenant=credential.tenant if credential else None,
        credential_kind=credential.kind if credential else "",
        credential_id=credential.id if credential else "",
        method=method[:10],
        path=path[:500],
        route=route[:200],
        status_code=status_code,
        duration_ms=duration_ms,
        request_id=request_id,
        ip_address=ip_address,
    )
    return call
