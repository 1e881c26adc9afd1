"""What SQL finds for a filter is what the reference evaluator finds in the same resources."""

import pytest
from hypothesis import HealthCheck, given, settings

from core.models import Tenant
from scim.schemas.service import GROUP, USER
from tests.scim.fuzzing.grammar import filters
from tests.scim.fuzzing.inhabitants import offered
from tests.scim.fuzzing.population import populated

pytestmark = pytest.mark.django_db

SEEDS = (1, 2)
FILTERS_PER_POPULATION = 350
LAWS = settings(max_examples=FILTERS_PER_POPULATION, suppress_health_check=list(HealthCheck))


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
