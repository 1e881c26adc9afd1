"""Rows become the JSON of resources (RFC 7643, section 3.1)."""

import json
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from core.ids import encode
from core.types import Json
from scim.filters.columns import ID_PREFIX
from scim.rendering.projecting import EVERYTHING, Projection, projected
from scim.schemas.service import GROUP, USER, Service
from scim.storage import memberships
from scim.storage.memberships import Linked
from scim.storage.rows import Row

ENDPOINTS = {USER: "Users", GROUP: "Groups"}


class Renderer:
    """Renders resources for one request. ``base_url`` is the root of the tenant's directory."""

    def __init__(self, base_url: str, service: Service) -> None:
        self.base_url = base_url.rstrip("/")
        self.service = service

    def location(self, kind: str, identity: str) -> str:
        """Return the URL of a resource."""
        return f"{self.base_url}/{ENDPOINTS[kind]}/{identity}"

    def render(self, row: Row, chosen: Projection = EVERYTHING) -> dict[str, Json]:
        """Return one resource."""
        return self.render_all([row], {row.kind: chosen})[0]

    def render_all(
        self, rows: Sequence[Row], chosen: dict[str, Projection]
    ) -> list[dict[str, Json]]:
        """Return some resources, with their members and groups where the answer wants them."""
        users = [row.key for row in rows if row.kind == USER and chosen[USER].wants("groups")]
        holders = [row.key for row in rows if row.kind == GROUP and chosen[GROUP].wants("members")]
        above = _by_owner(memberships.groups(users))
        within = _by_owner(memberships.members(holders))
        return [
            self._rendered(row, above.get(row.key, ()), within.get(row.key, ()), chosen[row.kind])
            for row in rows
        ]

    def _rendered(
        self, row: Row, above: Sequence[Linked], within: Sequence[Linked], chosen: Projection
    ) -> dict[str, Json]:
        kept = json.loads(row.data)
        resource: dict[str, Json] = {"schemas": kept.pop("schemas", []), "id": row.id, **kept}
        if above:
            resource["groups"] = [self._group(each) for each in above]
        if within:
            names = chosen.names("members", "display")
            resource["members"] = [self._member(each, names=names) for each in within]
        resource["meta"] = {
            "resourceType": row.kind,
            "created": row.created_at.isoformat().replace("+00:00", "Z"),
            "lastModified": row.updated_at.isoformat().replace("+00:00", "Z"),
            "location": self.location(row.kind, row.id),
            "version": row.etag,
        }
        if chosen == EVERYTHING and row.kind not in self.service.hiding:
            return resource
        return projected(resource, self.service.trees[row.kind], chosen)

    def _group(self, group: Linked) -> dict[str, Json]:
        identity = encode(ID_PREFIX, group.key)
        return {
            "value": identity,
            "$ref": self.location(GROUP, identity),
            "display": json.loads(group.data).get("displayName"),
            "type": group.label,
        }

    def _member(self, member: Linked, *, names: bool) -> dict[str, Json]:
        identity = encode(ID_PREFIX, member.key)
        shown: dict[str, Json] = {
            "value": identity,
            "$ref": self.location(member.label, identity),
            "type": member.label,
        }
        if names:
            data = json.loads(member.data)
            shown["display"] = data.get("displayName") or data.get("userName")
        return shown


def _by_owner(links: Sequence[Linked]) -> dict[UUID, list[Linked]]:
    found: dict[UUID, list[Linked]] = defaultdict(list)
    for link in links:
        found[link.owner].append(link)
    return found
