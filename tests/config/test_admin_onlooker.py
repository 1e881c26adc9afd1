"""Who may look at everything, and change nothing, sees no secret: not even where there is no form."""

import pytest

from core.models import Tenant
from tests.once import ON_ONE_DATABASE
from tests.staff import CANARY, make_onlooker, page_of, rows_of, text_of

pytestmark = ON_ONE_DATABASE


@pytest.mark.usefixtures("everything")
def test_no_page_of_a_row_shows_a_secret_to_who_may_only_look(tenant: Tenant) -> None:
    onlooker = make_onlooker(tenant)
    shown = []

    for row in rows_of(tenant):
        answer = onlooker.get(page_of(type(row), "change", row.pk))
        if answer.status_code == 200:
            shown.append(type(row).__name__)
            assert CANARY not in text_of(answer), shown[-1]

    assert {"Subscription", "Endpoint", "Message", "ConfigValue"} <= set(shown)
