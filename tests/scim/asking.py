"""A tenant's directory as an identity provider asks it, without a server in between."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from core.models import Event, Tenant
from scim import services
from tests.makers import make_actor

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
UNKNOWN_ID = "scm_01kb2v8x5fq3t9w6y4n7m0r2c1"
# One for all clients: what stands before the views is then set up once, and not for each request.
HANDLER = ClientHandler(enforce_csrf_checks=False)
NOBODY = "pbk_0123456789ab_0123456789abcdef0123456789abcdef0123456789abcdef"
WRONG = {
    "schemas": [ERROR],
    "status": "401",
    "detail": "The token is missing, unknown, expired, or not one for this directory",
}


class Asker:
    """Whoever holds ``token``, at the directory of the tenant ``slug``."""

    def __init__(self, slug: str, token: str) -> None:
        self.slug = slug
        self.token = token

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        """Return the answer, whatever it is. ``headers`` are written with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        client = Client()
        client.handler = HANDLER
        answer: Any = client.generic(
            method,
            f"/scim/v2/{self.slug}{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.token}"} | given,
        )
        response: HttpResponse = answer
        return response

    def read(self, path: str) -> Any:
        """Return what is read at ``path``, which must be there."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.content
        return said(answer)

    def user(self, name: str, /, **attributes: object) -> Any:
        """Create a user and return it."""
        answer = self("POST", "/Users", {"schemas": [USER], "userName": name} | attributes)
        assert answer.status_code == 201, answer.content
        return said(answer)

    def group(self, name: str, members: list[str] | None = None, /, **attributes: object) -> Any:
        """Create a group and return it."""
        body = {"schemas": [GROUP], "displayName": name, "members": entries(members or [])}
        answer = self("POST", "/Groups", body | attributes)
        assert answer.status_code == 201, answer.content
        return said(answer)

    def patch(self, path: str, *operations: Mapping[str, object], **headers: str) -> HttpResponse:
        """Change a resource; return the answer, whatever it is."""
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def members(self, group: str) -> set[str]:
        """Return the ids of the members of a group."""
        return {each["value"] for each in self.read(f"/Groups/{group}").get("members", [])}


def opened(tenant: Tenant, profile: str = "generic") -> Asker:
    """Open the directory of a tenant and return who may do everything there."""
    new = services.open_directory(tenant, profile=profile, actor=make_actor())
    return Asker(tenant.slug, new.token.secret)


def said(answer: HttpResponse) -> Any:
    """Return the body of an answer."""
    return json.loads(answer.content)


def entries(ids: list[str]) -> list[dict[str, str]]:
    """Return ids as the members of a group are written."""
    return [{"value": each} for each in ids]


def adding(*ids: str) -> dict[str, object]:
    """Return the operation that adds members."""
    return {"op": "add", "path": "members", "value": entries(list(ids))}


def removing(identity: str) -> dict[str, object]:
    """Return the operation that takes one member out."""
    return {"op": "remove", "path": f'members[value eq "{identity}"]'}


def setting(path: str, value: object) -> dict[str, object]:
    """Return the operation that gives an attribute another value."""
    return {"op": "replace", "path": path, "value": value}


def happened(tenant: Tenant) -> list[tuple[str, str]]:
    """Return type and resource of each event of a tenant, oldest first."""
    rows = Event.objects.for_tenant(tenant).order_by("id")
    return [(event.type, event.entity_id) for event in rows]
