"""A directory behind Django's own client, which is asked what identity providers ask."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from core.models import Tenant
from scim import services
from tests.makers import make_actor
from tests.scim.sequences.replaying import MEDIA_TYPE, Answer, Asked

PUBLIC_URL = "https://hub.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An identity provider with the token of a tenant."""

    tenant: Tenant
    token: str

    def send(self, request: Asked) -> Answer:
        """Ask the directory; headers of the request come before those that are always sent."""
        headers = {"Authorization": f"Bearer {self.token}", **request.headers}
        content_type = headers.pop("Content-Type", MEDIA_TYPE)
        content = b"" if request.body is None else json.dumps(request.body).encode()
        url = f"/scim/v2/{self.tenant.slug}{request.path}"
        response = Client().generic(
            request.method, url, content, content_type=content_type, headers=headers
        )
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=json.loads(response.content) if response.content else None,
        )

    def ask(
        self, method: str, path: str, body: Any = None, *, content_type: str = MEDIA_TYPE
    ) -> Answer:
        """Ask the directory one thing."""
        headers = {"Content-Type": content_type}
        return self.send(Asked(method=method, path=path, headers=headers, body=body))


@pytest.fixture
def caller(tenant: Tenant, settings: LazySettings, profile: str) -> Caller:
    """The identity provider ``profile``, which has been let in with what is set by default."""
    settings.PUBLIC_URL = PUBLIC_URL
    opened = services.open_directory(tenant, profile=profile, actor=make_actor())
    return Caller(tenant=tenant, token=opened.token.secret)
