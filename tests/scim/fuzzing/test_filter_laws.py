"""What SQL finds for a filter is what the reference evaluator finds in the same resources."""

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from scim2_models import Resource, ScimFilter, SearchRequest

from core.models import Tenant
from scim.schemas.service import GROUP, USER
from scim.storage.storage import DirectoryStorage
from tests.makers import make_actor
from tests.scim.fuzzing.grammar import Known, filters
from tests.scim.fuzzing.population import group, offered, user

pytestmark = pytest.mark.django_db

SEEDS = (1, 2)
USERS, GROUPS = 30, 12
FILTERS_PER_POPULATION = 1000
LAWS = settings(
    max_examples=FILTERS_PER_POPULATION,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Stored resources, as the storage returns them."""

    storage: DirectoryStorage
    resources: list[Resource[Any]]

    @property
    def known(self) -> Known:
        metas = [each.meta for each in self.resources if each.meta is not None]
        return Known(
            ids=[str(each.id) for each in self.resources[::5]],
            moments=[
                moment.isoformat()
                for meta in metas[::5]
                for moment in (meta.created, meta.last_modified)
                if moment is not None
            ],
        )

    def found(self, text: str, kinds: list[str]) -> set[str]:
        """Return the ids that SQL finds."""
        models: Any = offered().provider.model_for
        types = [each for each in offered().provider.resource_types if each.name in kinds]
        every: Any = None
        for each in types:
            every = models(each) if every is None else every | models(each)
        request: Any = SearchRequest[every]
        page = self.storage.page(kinds, request.model_validate({"filter": text}))
        assert page.total == len(page.rows)
        return {row.id for row in page.rows}

    def matching(self, text: str, kinds: list[str]) -> set[str]:
        """Return the ids of the resources that the evaluator finds."""
        bound: dict[type, Any] = {}
        ids = set()
        for each in self.resources:
            if each.meta is None or each.meta.resource_type not in kinds:
                continue
            model = type(each)
            if model not in bound:
                bound[model] = ScimFilter[model](text)  # type: ignore[valid-type]
            if bound[model].match(each):
                ids.add(str(each.id))
        return ids


def populated(tenant: Tenant, seed: int) -> Population:
    """Store users and groups, all of them different for each seed."""
    random = Random(seed)
    service = offered()
    types = {str(each.name): each for each in service.provider.resource_types}
    storage = DirectoryStorage(tenant, service, make_actor())
    ids: list[str] = []

    def store(kind: str, data: dict[str, Any]) -> None:
        model: Any = service.provider.model_for(types[kind])
        with storage.operation():
            ids.append(str(storage.create(types[kind], model.model_validate(data)).id))

    with service.provider:
        for number in range(USERS):
            store(USER, user(random, number))
        for number in range(GROUPS):
            store(GROUP, group(random, number, [*ids, "somebody unknown"]))
        found = storage.search(list(types.values()), SearchRequest())
    for each in found.resources:
        # Who asks sees one, which depends on where they ask.
        each.meta.location = f"https://scim.example.com/{each.id}"
    return Population(storage=storage, resources=found.resources)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kinds", [[USER], [GROUP], [USER, GROUP]], ids=["users", "groups", "all"])
def test_sql_finds_what_the_evaluator_finds(tenant: Tenant, seed: int, kinds: list[str]) -> None:
    population = populated(tenant, seed)
    trees = [offered().trees[kind] for kind in kinds]

    @LAWS
    @given(filters(trees, population.known))
    def holds(text: str) -> None:
        with offered().provider:
            assert population.found(text, kinds) == population.matching(text, kinds)

    holds()
