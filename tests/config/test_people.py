"""Sessions are for people: who comes with one to the door of a program is nobody there."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Tenant


@pytest.mark.parametrize("path", ["/scim/v2/acme/Users", "/in/acme/orders"])
def test_door_of_programs_knows_no_session(operator: Client, tenant: Tenant, path: str) -> None:
    answer = operator.post(path, b"{}", content_type="application/json")

    assert answer.status_code == 401
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert operator.get(reverse("admin:index")).status_code == 200
