"""A tenant's directory as the core of SCIM reads and writes it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from scim2_models import (
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage
from uuid_utils.compat import uuid7

from core.ids import encode
from core.models import Tenant
from core.sql import together
from core.types import Actor
from scim import mappings
from scim.filters.columns import ID_PREFIX
from scim.happenings import Happenings
from scim.journal import Origin
from scim.json_text import text_of
from scim.members import MemberChanges, ids_of
from scim.opening import PLAIN, OpenDirectory
from scim.rendering.rendering import Renderer
from scim.schemas.service import GROUP, USER, Service
from scim.storage import memberships, rows
from scim.storage.paging import Page, page
from scim.storage.rows import Row, Written
from scim.storage.writing import NAMES, name_of, written


class DirectoryStorage(ScimStorage):
    """The users and groups of one tenant.

    What is written belongs into ``operation()``, which is a transaction.
    """

    supports_cursors = True

    def __init__(
        self,
        tenant: Tenant,
        service: Service,
        actor: Actor,
        *,
        directory: OpenDirectory = PLAIN,
        origin: Origin | None = None,
    ) -> None:
        self.tenant = tenant
        self.service = service
        self.directory = directory
        self._touched: dict[UUID, datetime] = {}
        self.happenings = Happenings(
            tenant, origin or Origin(actor=actor), mappings.of_version(directory.mapping)
        )

    @contextmanager
    def operation(self) -> Iterator[None]:
        self.happenings.clear()
        self._touched = {}
        with transaction.atomic():
            yield
            if self.directory.manages_accounts:
                self.happenings.settle()
            with together():
                for key in sorted(self._touched):
                    rows.touch(key, self._touched[key])
                self.happenings.publish()

    # -- what the core of SCIM asks for

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        return self.model(self.locked(str(resource_type.name), resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        page = self.page([str(each.name) for each in resource_types], search_request, position)
        found = [self.model(row) for row in page.rows]
        return SearchPage(page.total, found, page.next, page.previous)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        row, _ = self.insert(str(resource_type.name), resource)
        return self.model(row)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        row = self.locked(str(resource_type.name), str(resource.id), expected_version)
        return self.model(self.write(row, resource))

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        self.bury(self.locked(str(resource_type.name), resource_id, expected_version))

    # -- the same, with rows

    def found(self, kind: str, identity: str) -> Row:
        """Return a resource. Raises NotFoundException."""
        row = rows.find(self.tenant, kind, identity)
        if row is None:
            raise NotFoundException(detail=f"{kind} {identity} not found")
        return row

    def locked(self, kind: str, identity: str, version: str | None = None) -> Row:
        """Return a resource that nobody else changes before the transaction ends.

        Raises NotFoundException, and PreconditionFailedException when it has another version.
        """
        row = rows.find(self.tenant, kind, identity, lock=True)
        if row is None:
            raise NotFoundException(detail=f"{kind} {identity} not found")
        if version is not None and version != row.etag:
            raise PreconditionFailedException
        return row

    def insert(self, kind: str, resource: Resource[Any]) -> tuple[Row, bool]:
        """Write a new resource; return it, and whether it is a member or has members already.

        Raises UniquenessException when its name is taken.
        """
        now, key = timezone.now(), uuid7()
        dumped = resource.model_dump()
        new = self._written(kind, encode(ID_PREFIX, key), dumped)
        inserted = rows.insert(self.tenant, kind, key, new, now)
        if inserted is None:
            raise self._taken(kind, new)
        row = Row(key, kind, text_of(new.data), 1, now, now)
        self.happenings.created(row)
        if inserted.awaited:
            self._link(row, new.external_id, now)
        if members := ids_of(dumped.get("members") or []):
            delta = memberships.add(self.tenant, key, members, now)
            self.happenings.members_changed(row, delta, now)
        return row, inserted.awaited or bool(members)

    def write(self, row: Row, resource: Resource[Any], *, members: bool = True) -> Row:
        """Write a new state of a resource; its members too, unless that is done elsewhere.

        Raises UniquenessException when its name is taken.
        """
        now = max(timezone.now(), row.updated_at)
        dumped = resource.model_dump()
        new = self._written(row.kind, row.id, dumped)
        before = json.loads(row.data)
        try:
            # Only a new name can be taken, and only then is there something to step back from.
            with transaction.atomic(savepoint=name_of(row.kind, before) != new.name):
                version = rows.update(row.key, new, now)
        except IntegrityError:
            raise self._taken(row.kind, new) from None
        after = row._replace(data=text_of(new.data), version=version, updated_at=now)
        if after.data != row.data:
            self.happenings.changed(row, after)
        if new.external_id != before.get("externalId"):
            self._link(after, new.external_id, now)
        if members and row.kind == GROUP:
            wanted = ids_of(dumped.get("members") or [])
            delta = memberships.replace(self.tenant, row.key, wanted, now)
            self.happenings.members_changed(after, delta, now)
        return after

    def change_members(self, row: Row, changes: MemberChanges) -> Row:
        """Add members to a group and take others out, or replace them all."""
        now = max(timezone.now(), row.updated_at)
        if changes.replaces:
            delta = memberships.replace(self.tenant, row.key, changes.added, now)
        else:
            gone = memberships.remove(row.key, changes.removed)
            come = memberships.add(self.tenant, row.key, changes.added, now)
            delta = replace(come, removed=gone.removed, forgotten=gone.forgotten)
        if not delta:
            return row
        self.happenings.members_changed(row, delta, now)
        self._touched[row.key] = now
        return row._replace(version=row.version + 1, updated_at=now)

    def replace_members(self, row: Row, members: Any) -> Row:
        """Make ``members``, as they are written in a group, its members."""
        changes = MemberChanges()
        changes.replace(ids_of(members))
        return self.change_members(row, changes)

    def bury(self, row: Row) -> None:
        """Delete a resource, and take it out of every group."""
        now = max(timezone.now(), row.updated_at)
        rows.bury(row.key, now)
        self.happenings.emptied(memberships.empty(row.key).removed)
        groups = sorted(memberships.leave_all(row.key))
        self._touched |= dict.fromkeys(groups, now)
        self.happenings.left(groups, row, now)
        self.happenings.deleted(row, now)

    def _link(self, row: Row, external_id: str | None, now: datetime) -> None:
        """Put somebody into the groups that were told of them, by that name, before they came."""
        groups = memberships.link(self.tenant, row.key, external_id) if external_id else []
        self._touched |= dict.fromkeys(groups, now)
        self.happenings.joined(groups, row, now)

    def page(self, kinds: Sequence[str], request: SearchRequest[Any], position: Any = None) -> Page:
        """Return one page of what a search finds, by index or by cursor."""
        trees = {kind: self.service.trees[kind] for kind in kinds}
        return page(self.tenant, trees, request, position)

    def model(self, row: Row, *, members: bool = True) -> Resource[Any]:
        """Return a resource as the core of SCIM handles it, a group perhaps without its members."""
        model: Any = self.service.provider.model_for(
            next(each for each in self.service.provider.resource_types if each.name == row.kind)
        )
        meta = Meta(
            resource_type=row.kind,
            created=row.created_at,
            last_modified=row.updated_at,
            version=row.etag,
        )
        relations = json.loads(Renderer("", self.service).relations(row)) if members else {}
        whole = {**json.loads(row.data), "id": row.id, **_relative(relations)}
        resource: Resource[Any] = model.model_validate(whole)
        resource.meta = meta
        return resource

    def _written(self, kind: str, identity: str, dumped: Mapping[str, Any]) -> Written:
        unique = kind == USER or self.directory.unique_group_names
        return written(kind, identity, dumped, self.service.trees[kind], unique=unique)

    def _taken(self, kind: str, refused: Written) -> UniquenessException:
        detail = f"Another {kind} has the {NAMES[kind]} {refused.name}"
        return UniquenessException(detail=detail)


def _relative(relations: dict[str, Any]) -> dict[str, Any]:
    """Return members or groups whose references begin at the root of the directory."""
    for entries in relations.values():
        for entry in entries:
            entry["$ref"] = entry["$ref"].lstrip("/")
    return relations
