"""Rows become the JSON of resources (RFC 7643, section 3.1).

What is kept is JSON already, so it goes into the answer as it is, with what is kept elsewhere behind
it. It is read only when a part of it is to be left out.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.ids import encode
from scim.filters.columns import ID_PREFIX
from scim.json_text import JsonText, text_of
from scim.rendering.projecting import EVERYTHING, Projection, projected
from scim.schemas.service import GROUP, USER, Service
from scim.storage import memberships
from scim.storage.memberships import Linked
from scim.storage.rows import Row

ENDPOINTS = {USER: "Users", GROUP: "Groups"}
CURLY = slice(1, -1)


class Related(NamedTuple):
    """The groups of some users, and the members of some groups, by user and by group."""

    groups: Mapping[UUID, Sequence[Linked]]
    members: Mapping[UUID, Sequence[Linked]]


NOBODY = Related({}, {})


class Renderer:
    """Renders resources for one request. ``base_url`` is the root of the tenant's directory."""

    def __init__(self, base_url: str, service: Service) -> None:
        self.base_url = base_url.rstrip("/")
        self.service = service
        self._root = text_of(self.base_url)[CURLY]
        self._groups: dict[tuple[UUID, str], str] = {}

    def location(self, kind: str, identity: str) -> str:
        """Return the URL of a resource."""
        return f"{self.base_url}/{ENDPOINTS[kind]}/{identity}"

    def render(
        self, row: Row, chosen: Projection = EVERYTHING, *, related: bool = True
    ) -> JsonText:
        """Return one resource; ``related``: it may be a member, or have members."""
        shown = {row.kind: chosen}
        return self._rendered(row, _related([row], shown) if related else NOBODY, chosen)

    def render_all(self, rows: Sequence[Row], chosen: Mapping[str, Projection]) -> list[JsonText]:
        """Return some resources, with their members and groups where the answer wants them."""
        related = _related(rows, chosen)
        return [self._rendered(row, related, chosen[row.kind]) for row in rows]

    def relations(self, row: Row) -> str:
        """Return the groups of a user, or the members of a group, as a JSON object with that one key."""
        shown = self._relations(row, _related([row], {row.kind: EVERYTHING}), names=False)
        return f"{{{shown.removeprefix(',')}}}"

    def _rendered(self, row: Row, related: Related, chosen: Projection) -> JsonText:
        identity = row.id
        kept = row.data[CURLY]
        relations = self._relations(row, related, names=chosen.names("members", "display"))
        text = JsonText(
            f'{{"id":"{identity}"{"," if kept else ""}{kept}{relations},'
            f'"meta":{{"resourceType":"{row.kind}","created":"{_moment(row.created_at)}",'
            f'"lastModified":"{_moment(row.updated_at)}","location":"{self._location(row.kind, identity)}",'
            f'"version":"W/\\"{row.version}\\""}}}}'
        )
        if chosen == EVERYTHING and row.kind not in self.service.hiding:
            return text
        return text_of(projected(json.loads(text), self.service.trees[row.kind], chosen))

    def _relations(self, row: Row, related: Related, *, names: bool) -> str:
        if above := related.groups.get(row.key):
            return f',"groups":[{",".join(self._group(each) for each in above)}]'
        if within := related.members.get(row.key):
            shown = ",".join(self._member(each, names=names) for each in within)
            return f',"members":[{shown}]'
        return ""

    def _group(self, group: Linked) -> str:
        """Return a group as its members show it: the same for all of them."""
        shown = self._groups.get((group.key, group.label))
        if shown is None:
            identity = encode(ID_PREFIX, group.key)
            name = text_of(json.loads(group.data).get("displayName"))
            shown = (
                f'{{"value":"{identity}","$ref":"{self._location(GROUP, identity)}",'
                f'"display":{name},"type":"{group.label}"}}'
            )
            self._groups[group.key, group.label] = shown
        return shown

    def _member(self, member: Linked, *, names: bool) -> str:
        identity = encode(ID_PREFIX, member.key)
        display = ""
        if names:
            data = json.loads(member.data)
            display = f',"display":{text_of(data.get("displayName") or data.get("userName"))}'
        location = self._location(member.label, identity)
        return f'{{"value":"{identity}","$ref":"{location}","type":"{member.label}"{display}}}'

    def _location(self, kind: str, identity: str) -> str:
        return f"{self._root}/{ENDPOINTS[kind]}/{identity}"


def _related(rows: Sequence[Row], chosen: Mapping[str, Projection]) -> Related:
    users = [row.key for row in rows if row.kind == USER and chosen[USER].wants("groups")]
    holders = [row.key for row in rows if row.kind == GROUP and chosen[GROUP].wants("members")]
    return Related(_by_owner(memberships.groups(users)), _by_owner(memberships.members(holders)))


def _by_owner(links: Sequence[Linked]) -> dict[UUID, list[Linked]]:
    found: dict[UUID, list[Linked]] = defaultdict(list)
    for link in links:
        found[link.owner].append(link)
    return found


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
