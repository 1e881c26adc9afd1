"""A tenant's directory as the core of SCIM reads and writes it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone
from scim2_models import (
    InvalidCursorException,
    InvalidValueException,
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

from core.ids import decode, encode
from core.models import Tenant
from core.sql import uuid_value
from core.types import Json
from scim.filters.columns import ID_PREFIX
from scim.filters.compiling import condition
from scim.filters.conditions import Sql, every
from scim.filters.sorting import Anchor, Order, order
from scim.folding import fold, folded
from scim.members import MemberChanges, ids_of
from scim.models.resource import KEY_LENGTH
from scim.rendering.projecting import EVERYTHING, Projection
from scim.rendering.rendering import Renderer
from scim.schemas.service import GROUP, USER, Service
from scim.storage import memberships, rows
from scim.storage.rows import Row, Written

WITHOUT_RELATIONS = Projection(without=frozenset({("members",), ("groups",)}))
KEPT_ELSEWHERE = ("id", "meta", "groups", "members", "password")


class Page(NamedTuple):
    """One page of a search; ``next`` and ``previous`` are where its neighbors begin."""

    total: int
    rows: Sequence[Row]
    next: Any = None
    previous: Any = None


class DirectoryStorage(ScimStorage):
    """The users and groups of one tenant.

    What is written belongs into ``operation()``, which is a transaction.
    """

    supports_cursors = True

    def __init__(
        self, tenant: Tenant, service: Service, *, unique_group_names: bool = False
    ) -> None:
        self.tenant = tenant
        self.service = service
        self.unique_group_names = unique_group_names

    def operation(self) -> AbstractContextManager[None]:
        return transaction.atomic()

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
        return self.model(self.insert(str(resource_type.name), resource))

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

    def insert(self, kind: str, resource: Resource[Any]) -> Row:
        """Write a new resource. Raises UniquenessException when its name is taken."""
        now, key = timezone.now(), uuid7()
        dumped = resource.model_dump()
        written = self._written(kind, encode(ID_PREFIX, key), dumped)
        if not rows.insert(self.tenant, kind, key, written, now):
            raise self._taken(kind, written)
        if members := ids_of(dumped.get("members") or []):
            memberships.add(self.tenant, key, members, now)
        return Row(key, kind, rows.text_of(written.data), 1, now, now)

    def write(self, row: Row, resource: Resource[Any], *, members: bool = True) -> Row:
        """Write a new state of a resource; its members too, unless that is done elsewhere.

        Raises UniquenessException when its name is taken.
        """
        now = max(timezone.now(), row.updated_at)
        dumped = resource.model_dump()
        written = self._written(row.kind, row.id, dumped)
        try:
            with transaction.atomic():
                version = rows.update(row.key, written, now)
        except IntegrityError:
            raise self._taken(row.kind, written) from None
        if members and row.kind == GROUP:
            wanted = ids_of(dumped.get("members") or [])
            memberships.replace(self.tenant, row.key, wanted, now)
        return row._replace(data=rows.text_of(written.data), version=version, updated_at=now)

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
        return row._replace(version=rows.touch(row.key, now), updated_at=now)

    def replace_members(self, row: Row, members: Any) -> Row:
        """Make ``members``, as they are written in a group, its members."""
        changes = MemberChanges()
        changes.replace(ids_of(members))
        return self.change_members(row, changes)

    def bury(self, row: Row) -> None:
        """Delete a resource, and take it out of every group."""
        now = timezone.now()
        rows.bury(row.key, now)
        memberships.empty(row.key)
        for group in sorted(memberships.leave_all(row.key)):
            rows.touch(group, now)

    def page(self, kinds: Sequence[str], request: SearchRequest[Any], position: Any = None) -> Page:
        """Return one page of what a search finds, by index or by cursor."""
        trees = {kind: self.service.trees[kind] for kind in kinds}
        where = self._where(request, trees)
        total = rows.count(where)
        if request.count == 0:
            return Page(total, ())
        path = request.sort_by._designated_attr_path() if request.sort_by else None  # noqa: SLF001  # no public way
        descending = request.sort_order == SearchRequest.SortOrder.descending
        sorting = order(path, trees, descending=descending)
        if request.cursor is not None:
            return _cursor_page(where, total, sorting, request.count, position)
        found = rows.select(
            where, sorting.clause(), limit=request.count, offset=request.start_index_0 or 0
        )
        return Page(total, [rows.read(each) for each in found])

    def model(self, row: Row, *, members: bool = True) -> Resource[Any]:
        """Return a resource as the core of SCIM handles it, a group perhaps without its members."""
        model: Any = self.service.provider.model_for(
            next(each for each in self.service.provider.resource_types if each.name == row.kind)
        )
        shown = EVERYTHING if members else WITHOUT_RELATIONS
        rendered = Renderer("", self.service.trees).render(row, shown)
        meta = Meta(
            resource_type=row.kind,
            created=row.created_at,
            last_modified=row.updated_at,
            version=row.etag,
        )
        rendered.pop("meta")
        resource: Resource[Any] = model.model_validate(_relative(rendered))
        resource.meta = meta
        return resource

    def _where(self, request: SearchRequest[Any], trees: Mapping[str, Any]) -> Sql:
        owner = uuid_value(decode("ten", self.tenant.id))
        mine = Sql(text="r.tenant_id = %s AND r.deleted_at IS NULL", parameters=(owner,))
        if request.filter is not None:
            return every([mine, condition(request.filter.ast, trees)])
        kinds = ", ".join("%s" for _ in trees)
        return every([mine, Sql(text=f"r.kind IN ({kinds})", parameters=tuple(trees))])

    def _written(self, kind: str, identity: str, dumped: Mapping[str, Any]) -> Written:
        data = {
            name: value
            for name, value in dumped.items()
            if name not in KEPT_ELSEWHERE and value not in ([], {})
        }
        name = str(data.get("userName" if kind == USER else "displayName") or "")
        key = fold(name)
        external_id = data.get("externalId")
        for text in (key, external_id or ""):
            if len(text) > KEY_LENGTH:
                raise InvalidValueException(
                    detail=f"userName, displayName and externalId have at most {KEY_LENGTH} characters"
                )
        return Written(
            key=key,
            key_taken=kind == USER or self.unique_group_names,
            external_id=external_id,
            active=data.get("active") is not False,
            data=data,
            folded=folded({**data, "id": identity}, self.service.trees[kind]),
        )

    def _taken(self, kind: str, written: Written) -> UniquenessException:
        name = "userName" if kind == USER else "displayName"
        return UniquenessException(detail=f"Another {kind} has the {name} {written.data.get(name)}")


def _relative(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource whose references begin at the root of the directory."""
    for name in ("members", "groups"):
        for entry in resource.get(name, ()):
            entry["$ref"] = entry["$ref"].lstrip("/")
    return resource


def _cursor_page(where: Sql, total: int, sorting: Order, count: int | None, position: Any) -> Page:
    """Return the page behind a position, or before it, and where its neighbors begin."""
    anchor = _anchor(position)
    before = anchor is not None and anchor.before
    bounded = every([where, sorting.beyond(anchor)]) if anchor else where
    limit = None if count is None else count + 1
    found = list(
        rows.select(bounded, sorting.clause(reverse=before), limit=limit, value=sorting.value)
    )
    more = count is not None and len(found) > count
    found = found[:count]
    if before:
        found.reverse()
    if not found:
        return Page(total, ())
    following = more if not before else True
    preceding = (anchor is not None) if not before else more
    return Page(
        total,
        [rows.read(each) for each in found],
        _position(found[-1], before=False) if following else None,
        _position(found[0], before=True) if preceding else None,
    )


def _position(row: Any, *, before: bool) -> dict[str, Json]:
    value = row[6]
    if isinstance(value, datetime):
        value = value.isoformat()
    elif value is not None and not isinstance(value, (str, int, float, bool)):
        value = float(value)
    return {"v": value, "i": rows.read(row).id, "b": before}


def _anchor(position: Any) -> Anchor | None:
    if position is None:
        return None
    try:
        return Anchor(value=position["v"], id=position["i"], before=position["b"])
    except (TypeError, KeyError):
        raise InvalidCursorException from None
