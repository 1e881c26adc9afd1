"""A directory full of inhabitants, which SQL and the reference evaluator search."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from random import Random
from typing import Any

from scim2_models import Resource, ScimFilter, SearchRequest

from core.models import Tenant
from scim.schemas.service import GROUP, USER
from scim.storage.rows import Row
from scim.storage.storage import DirectoryStorage
from tests.makers import make_actor
from tests.scim.fuzzing.grammar import Known
from tests.scim.fuzzing.inhabitants import group, offered, user

__all__ = ["Population", "populated", "request_for", "stored", "user"]

USERS, GROUPS = 30, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Stored resources, with all that is kept of them."""

    storage: DirectoryStorage
    resources: list[Resource[Any]]

    @property
    def known(self) -> Known:
        metas = [each.meta for each in self.resources[::5] if each.meta is not None]
        moments = [moment for meta in metas for moment in (meta.created, meta.last_modified)]
        return Known(
            ids=[str(each.id) for each in self.resources[::5]],
            moments=[moment.isoformat() for moment in moments if moment is not None],
        )

    def of(self, kinds: Sequence[str]) -> list[Resource[Any]]:
        """Return the resources of some types."""
        return [each for each in self.resources if each.meta and each.meta.resource_type in kinds]

    def found(self, text: str, kinds: Sequence[str]) -> set[str]:
        """Return the ids that SQL finds."""
        page = self.storage.page(kinds, request_for(kinds, filter=text))
        assert page.total == len(page.rows)
        return {row.id for row in page.rows}

    def matching(self, text: str, kinds: Sequence[str]) -> set[str]:
        """Return the ids that the evaluator finds."""
        resources = self.of(kinds)
        filters: dict[Any, Any] = {
            model: ScimFilter[model](text)  # type: ignore[valid-type]
            for model in {type(each) for each in resources}
        }
        return {str(each.id) for each in resources if filters[type(each)].match(each)}


def request_for(kinds: Sequence[str], **parameters: object) -> SearchRequest[Any]:
    """Return a search of some types, validated as one that was sent."""
    provider = offered().provider
    models: list[Any] = [
        provider.model_for(each) for each in provider.resource_types if each.name in kinds
    ]
    generic: Any = SearchRequest
    request: SearchRequest[Any] = generic[reduce(or_, models)].model_validate(parameters)
    return request


def stored(storage: DirectoryStorage, kind: str, data: dict[str, Any]) -> str:
    """Store a resource and return its id."""
    provider = offered().provider
    type_ = next(each for each in provider.resource_types if each.name == kind)
    model: Any = provider.model_for(type_)
    with provider, storage.operation():
        return str(storage.create(type_, model.model_validate(data)).id)


def populated(tenant: Tenant, seed: int) -> Population:
    """Store users and groups, others for each seed."""
    random = Random(seed)
    storage = DirectoryStorage(tenant, offered(), make_actor())
    ids = [stored(storage, USER, user(random, number)) for number in range(USERS)]
    for number in range(GROUPS):
        data = group(random, number, [*ids, "somebody unknown"])
        ids.append(stored(storage, GROUP, data))
    with offered().provider:
        rows = storage.page([USER, GROUP], SearchRequest()).rows
        return Population(storage=storage, resources=[_located(storage, row) for row in rows])


def _located(storage: DirectoryStorage, row: Row) -> Resource[Any]:
    """Return a resource with the location that who asks sees, which depends on where they ask."""
    resource = storage.model(row)
    assert resource.meta is not None
    resource.meta.location = f"https://example.com/{row.id}"
    return resource
