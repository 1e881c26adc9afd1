"""What ``attributes`` and ``excludedAttributes`` leave of a resource is what the library leaves."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim2_models import Context, ResponseParameters

from core.ids import decode
from core.models import Tenant
from scim.rendering.projecting import projection
from scim.rendering.rendering import Renderer
from scim.schemas.service import GROUP, USER
from scim.storage import rows
from tests.scim.fuzzing.grammar import CASES, named
from tests.scim.fuzzing.inhabitants import offered
from tests.scim.fuzzing.own_attributes import ENTERPRISE, OWN
from tests.scim.fuzzing.population import populated

pytestmark = pytest.mark.django_db

LAWS = settings(max_examples=400, suppress_health_check=list(HealthCheck))
RELATED = {
    USER: ["groups", "groups.value", "groups.display", OWN, ENTERPRISE],
    GROUP: ["members", "members.value", "members.type"],
}


def asked(kind: str) -> st.SearchStrategy[list[str]]:
    """Return names of attributes, as anybody may write them."""
    names = [each.text for each in named(offered().trees[kind])] + RELATED[kind]
    cased = st.builds(
        lambda text, change: change(text), st.sampled_from(names), st.sampled_from(CASES)
    )
    return st.lists(cased | st.sampled_from(names), min_size=1, max_size=4)


@pytest.mark.parametrize("kind", [USER, GROUP])
def test_answer_holds_what_the_library_would_answer(tenant: Tenant, kind: str) -> None:
    population = populated(tenant, 5)
    renderer = Renderer("", offered())
    tree = offered().trees[kind]
    resources = population.of([kind])
    found = {
        str(row.id): row for row in rows.find_all([decode("scm", str(r.id)) for r in resources])
    }

    @LAWS
    @given(
        asked(kind),
        st.sampled_from(["attributes", "excludedAttributes"]),
        st.sampled_from(resources),
    )
    def holds(names: list[str], parameter: str, resource: Any) -> None:
        generic: Any = ResponseParameters
        only, without = (names, []) if parameter == "attributes" else ([], names)
        with offered().provider:
            chosen = generic[type(resource)].model_validate({parameter: names})
            wanted = resource.model_dump(
                scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=chosen
            )

        answer = json.loads(renderer.render(found[resource.id], projection(tree, only, without)))

        assert comparable(answer) == comparable(wanted)

    holds()


def comparable(resource: Any) -> Any:
    """Return a resource whose moments and references are only there or not, in no order."""
    if isinstance(resource, list):
        return [comparable(each) for each in resource]
    if not isinstance(resource, dict):
        return resource
    return {
        name: 0 if name in ("$ref", "created", "lastModified", "location") else comparable(value)
        for name, value in resource.items()
    }
