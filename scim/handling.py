"""What happens between a request and its answer: the core of SCIM, with short ways for what is hot.

A group is changed without its members being read, and what is only to be shown goes from its row
into the answer.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from scim2_models import (
    Error,
    ListResponse,
    PatchOp,
    Resource,
    ResourceType,
    SearchRequest,
)
from scim2_server.bulk import BulkPlan, BulkStep
from scim2_server.conditions import Conditions
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation

from core.types import Json
from scim.json_text import with_list
from scim.patching import parted
from scim.protocol import DirectoryService
from scim.rendering.projecting import EVERYTHING, Projection, projection
from scim.rendering.rendering import Renderer
from scim.repeating import repeated
from scim.schemas.service import GROUP
from scim.storage import memberships
from scim.storage.rows import Row
from scim.storage.storage import DirectoryStorage

MAX_MEMBERS_SHOWN = 100

logger = logging.getLogger(__name__)


class Aim(NamedTuple):
    """The resource, or the type of resource, that a request is about."""

    kind: str
    identity: str
    me: bool


class DirectoryHandler(ScimHandler):
    """Serves the requests of one tenant's directory."""

    def __init__(
        self, service: DirectoryService, storage: DirectoryStorage, renderer: Renderer
    ) -> None:
        super().__init__(service, storage)
        self.directory = storage
        self.renderer = renderer

    def create(self, request: ScimRequest) -> ScimResponse:
        with self.service.provider:
            target, resource_type = self._target(request, Operation.create)
            chosen = self._chosen(resource_type, request)
            resource = self.service.read_creation(
                resource_type, request.body, request.header("Content-Type")
            )
            with self.storage.operation():
                row, related = self.directory.insert(target.kind, resource)
            return self._answer(row, chosen, HTTPStatus.CREATED, related=related)

    def query(self, request: ScimRequest) -> ScimResponse:
        with self.service.provider:
            target, resource_type = self._target(request, Operation.query)
            chosen = self._chosen(resource_type, request)
            row = self.directory.found(target.kind, target.identity)
            conditions = self.service.read_conditions(request)
            if not conditions.check(row.etag, "GET"):
                return ScimResponse(HTTPStatus.NOT_MODIFIED, None, {"ETag": row.etag})
            return self._answer(row, chosen, me=target.me)

    def replace(self, request: ScimRequest) -> ScimResponse:
        with self.service.provider:
            target, resource_type = self._target(request, Operation.replace)
            chosen = self._chosen(resource_type, request)
            conditions = self.service.read_conditions(request)
            with self.storage.operation():
                row = self.directory.locked(target.kind, target.identity)
                replacement = self.service.read_replacement(
                    resource_type, request.body, request.header("Content-Type")
                )
                row = self._replaced(row, replacement, conditions)
            return self._answer(row, chosen, me=target.me)

    def patch(self, request: ScimRequest) -> ScimResponse:
        with self.service.provider:
            target, resource_type = self._target(request, Operation.patch)
            asked = {"attributes", "excludedAttributes"} & set(request.query)
            chosen = self._chosen(resource_type, request)
            patch = self.service.read_patch(
                resource_type, request.body, request.header("Content-Type")
            )
            conditions = self.service.read_conditions(request)
            with self.storage.operation():
                row = self._patched(
                    self.directory.locked(target.kind, target.identity), patch, conditions
                )
            if row.kind == GROUP and not asked and memberships.exceed(row.key, MAX_MEMBERS_SHOWN):
                # Who adds one member to ten thousand does not want them back (RFC 7644, 3.5.2).
                return ScimResponse(HTTPStatus.NO_CONTENT, None, {"ETag": row.etag})
            return self._answer(row, chosen, me=target.me)

    def search(self, request: ScimRequest) -> ScimResponse:
        return self._found(request, Operation.search)

    def search_with_body(self, request: ScimRequest) -> ScimResponse:
        return self._found(request, Operation.search_with_body)

    def run_bulk_step(
        self, request: ScimRequest, plan: BulkPlan, step: BulkStep
    ) -> tuple[dict[str, Any], Resource[Any] | None]:
        run = super().run_bulk_step
        outcome, resource = repeated(lambda: run(request, plan, step))
        if isinstance(outcome.get("response"), Error):
            self.directory.happenings.refused(plan.operation(step), outcome["response"])
        return outcome, resource

    def replace_resource(
        self,
        resource_type: ResourceType,
        current: Resource[Any],
        replacement: Resource[Any],
        conditions: Conditions,
    ) -> Resource[Any]:
        row = self.directory.locked(str(resource_type.name), str(current.id))
        return self.directory.model(self._replaced(row, replacement, conditions), members=False)

    def patch_resource(
        self,
        resource_type: ResourceType,
        resource_id: str,
        patch_op: "PatchOp[Any]",
        conditions: Conditions,
    ) -> Resource[Any]:
        row = self.directory.locked(str(resource_type.name), resource_id)
        return self.directory.model(self._patched(row, patch_op, conditions), members=False)

    def delete_resource(
        self, resource_type: ResourceType, resource_id: str, conditions: Conditions
    ) -> None:
        # In the order in which those lock who change a group.
        memberships.lock_groups_of(resource_id)
        row = self.directory.locked(str(resource_type.name), resource_id)
        conditions.check(row.etag, "DELETE")
        self.directory.bury(row)

    def _found(self, request: ScimRequest, operation: Operation) -> ScimResponse:
        with self.service.provider:
            target = self.service.route(request, operation)
            types = self.service.searched_types(target.endpoint)
            allowed = self.service.authorized_types(request, target, types)
            search, position = (
                self.service.read_search_query(types, request.query)
                if operation is Operation.search
                else self.service.read_search_body(
                    types, request.body, request.header("Content-Type")
                )
            )
            page = self.directory.page([str(each.name) for each in allowed], search, position)
            shown = {
                str(each.name): projection(
                    self.directory.service.trees[str(each.name)],
                    _texts(search.attributes),
                    _texts(search.excluded_attributes),
                )
                for each in allowed
            }
            body: dict[str, Json] = {
                "schemas": [str(ListResponse.__schema__)],
                "totalResults": page.total,
                "itemsPerPage": len(page.rows),
                **self._paging(types, search, page.next, page.previous),
            }
            found = self.renderer.render_all(page.rows, shown)
            return ScimResponse(HTTPStatus.OK, cast("Any", with_list(body, "Resources", found)))

    def _paging(
        self, types: list[ResourceType], search: SearchRequest[Any], after: Any, before: Any
    ) -> dict[str, Json]:
        """Return where the page stands: its index, or the cursors of its neighbors (RFC 9865)."""
        if search.cursor is None:
            return {"startIndex": search.start_index}
        seal = self.service._seal  # noqa: SLF001  # no public way
        cursors = {
            "nextCursor": seal(types, search, after),
            "previousCursor": seal(types, search, before),
        }
        return {name: cursor for name, cursor in cursors.items() if cursor}

    def _replaced(self, row: Row, replacement: Resource[Any], conditions: Conditions) -> Row:
        """Put a resource in the place of another; what is equal is not written."""
        current = self.directory.model(row, members=False)
        wanted = getattr(replacement, "members", None)
        if row.kind == GROUP:
            cast("Any", replacement).members = None
        replaced = self.service.apply_replacement(current, replacement, conditions)
        if replaced is not None:
            row = self.directory.write(row, replaced, members=False)
        if row.kind != GROUP:
            return row
        return self.directory.replace_members(row, wanted or [])

    def _patched(self, row: Row, patch: "PatchOp[Any]", conditions: Conditions) -> Row:
        conditions.check(row.etag, "PATCH")
        if row.kind != GROUP:
            return self._patched_whole(row, patch, conditions)
        parts = parted(patch)
        if parts is None:
            return self._patched_whole(row, patch, conditions)
        if parts.others:
            rest = patch.model_copy(update={"operations": parts.others})
            current = cast("Any", self.directory.model(row, members=False))
            changed = rest.patch(current)
            if current.members is not None:
                return self._patched_whole(row, patch, conditions)
            if changed:
                row = self.directory.write(row, current, members=False)
        return self.directory.change_members(row, parts.members)

    def _patched_whole(self, row: Row, patch: "PatchOp[Any]", conditions: Conditions) -> Row:
        patched = self.service.apply_patch(self.directory.model(row), patch, conditions)
        return row if patched is None else self.directory.write(row, patched)

    def _target(self, request: ScimRequest, operation: Operation) -> tuple[Aim, ResourceType]:
        target = self.service.route(request, operation)
        resource_type = self.service.resource_type_at(cast("str", target.endpoint))
        self.service.authorize(request, target, resource_type)
        return Aim(str(resource_type.name), target.resource_id or "", target.me), resource_type

    def _chosen(self, resource_type: ResourceType, request: ScimRequest) -> Projection:
        """Return which attributes the answer is to hold; what does not exist is refused."""
        if not {"attributes", "excludedAttributes"} & set(request.query):
            return EVERYTHING
        asked = self.service.read_response_parameters(resource_type, request.query)
        tree = self.directory.service.trees[str(resource_type.name)]
        return projection(tree, _texts(asked.attributes), _texts(asked.excluded_attributes))

    def _answer(
        self,
        row: Row,
        chosen: Projection,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        me: bool = False,
        related: bool = True,
    ) -> ScimResponse:
        location = self.renderer.location(row.kind, row.id)
        headers = {"Content-Location": location, "ETag": row.etag}
        if me or status is HTTPStatus.CREATED:
            headers["Location"] = location
        shown = self.renderer.render(row, chosen, related=related)
        return ScimResponse(status, cast("Any", shown), headers)


def _texts(paths: Iterable[Any] | None) -> list[str]:
    return [str(path) for path in paths or ()]
