"""Results come in the order of the library, and pages put together are the whole."""

from collections.abc import Iterator
from itertools import groupby
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import Tenant
from scim.schemas.service import GROUP, USER
from tests.scim.fuzzing.grammar import Named, named
from tests.scim.fuzzing.inhabitants import offered
from tests.scim.fuzzing.population import Population, populated, request_for, stored, user
from tests.scim.fuzzing.rooms import undone

pytestmark = pytest.mark.django_db

LAWS = settings(max_examples=80, suppress_health_check=list(HealthCheck))
UNSORTABLE = ("password", "location")
WAYS = ("ascending", "descending")


def keys(kind: str) -> list[str]:
    """Return what results can be sorted by."""
    return [each.text for each in named(offered().trees[kind]) if _sortable(each)]


def _sortable(each: Named) -> bool:
    if each.attribute.name in UNSORTABLE or each.attribute.type == "binary":
        return False
    if each.attribute.type != "complex":
        return True
    value = each.attribute.child("value")
    return each.attribute.multi_valued and value is not None and value.type != "binary"


@pytest.mark.parametrize("kind", [USER, GROUP])
def test_order_is_that_of_the_library(tenant: Tenant, kind: str) -> None:
    population = populated(tenant, 6)
    resources = population.of([kind])

    @LAWS
    @given(st.sampled_from(keys(kind)), st.sampled_from(WAYS))
    def holds(key: str, way: str) -> None:
        request = request_for([kind], sortBy=key, sortOrder=way)
        with offered().provider:
            values = {str(each.id): request.sort_value(each) for each in resources}
            wanted = [values[str(each.id)] for each in request.sort(resources)]

            found = [row.id for row in population.storage.page([kind], request).rows]

        assert [values[each] for each in found] == wanted
        assert sorted(found) == sorted(values)
        # Those that are equal come in the order of their age, or in its reverse.
        for _, tied in groupby(found, key=lambda each: repr(values[each])):
            ids = list(tied)
            assert ids == sorted(ids, reverse=way == "descending")

    holds()


@pytest.mark.parametrize("kinds", [[USER], [USER, GROUP]], ids=["users", "all"])
def test_pages_by_index_are_the_whole(tenant: Tenant, kinds: list[str]) -> None:
    population = populated(tenant, 7)
    total = len(population.of(kinds))

    @LAWS
    @given(st.sampled_from(keys(USER)), st.sampled_from(WAYS), st.integers(1, 50))
    def holds(key: str, way: str, size: int) -> None:
        request = request_for(kinds, sortBy=key, sortOrder=way)
        whole = ids(population, kinds, request)
        pages = [
            population.storage.page(
                kinds, request.model_copy(update={"start_index": start, "count": size})
            )
            for start in range(1, total + 1, size)
        ]

        assert [row.id for page in pages for row in page.rows] == whole
        assert {page.total for page in pages} == {total}

    holds()


def ids(population: Population, kinds: list[str], request: Any) -> list[str]:
    with offered().provider:
        return [row.id for row in population.storage.page(kinds, request).rows]


def walk(
    population: Population, request: Any, start: Any, *, back: bool
) -> Iterator[tuple[list[str], Any]]:
    """Yield the ids of each page, and where the next one begins."""
    position = start
    while True:
        page = population.storage.page([USER], request, position)
        position = page.previous if back else page.next
        yield [row.id for row in page.rows], position
        if position is None:
            return


def test_cursor_meets_everybody_once_each_way(tenant: Tenant) -> None:
    population = populated(tenant, 8)

    @LAWS
    @given(st.sampled_from(keys(USER)), st.sampled_from(WAYS), st.integers(1, 40))
    def holds(key: str, way: str, size: int) -> None:
        request = request_for([USER], sortBy=key, sortOrder=way)
        whole = ids(population, [USER], request)
        paged = request.model_copy(update={"cursor": "", "count": size})

        pages = list(walk(population, paged, None, back=False))
        there = [found for found, _ in pages]
        end = population.storage.page([USER], paged, pages[-2][1]) if len(pages) > 1 else None
        back = (
            [found for found, _ in walk(population, paged, end.previous, back=True)]
            if end and end.previous
            else []
        )

        assert [each for page in there for each in page] == whole
        assert [each for page in reversed(back) for each in page] == whole[
            : len(whole) - len(there[-1])
        ]

    holds()


def test_cursor_meets_who_stays_once_while_others_come_and_go(tenant: Tenant) -> None:
    population = populated(tenant, 9)

    @LAWS
    @given(st.sampled_from(keys(USER)), st.sampled_from(WAYS), st.integers(1, 9), st.randoms())
    def holds(key: str, way: str, size: int, random: Random) -> None:
        request = request_for([USER], sortBy=key, sortOrder=way)
        paged = request.model_copy(update={"cursor": "", "count": size})
        with undone():
            before = ids(population, [USER], request)
            gone, met = set(), []
            for number, (found, _) in enumerate(walk(population, paged, None, back=False)):
                met += found
                gone.add(random.choice(before))
                with population.storage.operation():
                    for each in gone & set(ids(population, [USER], request)):
                        population.storage.bury(population.storage.locked(USER, each))
                if number < 3:
                    stored(population.storage, USER, user(random, 5000 + number))

        stayed = [each for each in before if each not in gone]
        assert len(met) == len(set(met))
        assert [each for each in met if each in set(stayed)] == stayed

    holds()
