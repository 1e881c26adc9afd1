"""What is deleted between being found and being changed: not there any more, and nothing else."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient
from rest_framework.viewsets import GenericViewSet

from core.admin import staff
from core.models import AuditEntry, Tenant
from tests.makers import make_actor
from tests.subscriptions import make_replay, make_subscription
from webhooks import deletion, services
from webhooks.models import Replay, Subscription

SINCE = {"since": "2026-01-01T00:00:00Z"}
ROUTES: list[tuple[str, str, dict[str, Any]]] = [
    ("patch", "", {"name": "Other"}),
    ("post", "/enable", {}),
    ("post", "/disable", {}),
    ("post", "/rotate-secret", {}),
    ("post", "/recover", SINCE),
    ("post", "/recover", {**SINCE, "dry_run": True}),
]


@pytest.fixture(params=["deleted", "erased"])
def _deletes_meanwhile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Delete what a view has found, before it does anything with it."""

    def delete(found: Any) -> Any:
        subscription: Any = found.subscription if isinstance(found, Replay) else found
        services.delete_subscription(subscription, actor=make_actor())
        if request.param == "erased":
            deletion.erase_deleted()
        return found

    in_api, in_admin = GenericViewSet.get_object, staff.StaffAdmin.row_or_404
    monkeypatch.setattr(GenericViewSet, "get_object", lambda self: delete(in_api(self)))
    monkeypatch.setattr(
        staff.StaffAdmin,
        "row_or_404",
        lambda self, request, object_id: delete(in_admin(self, request, object_id)),
    )


@pytest.mark.usefixtures("_deletes_meanwhile")
@pytest.mark.parametrize(("method", "route", "body"), ROUTES)
def test_deleted_subscription_is_not_found_by_the_api(
    api: APIClient, tenant: Tenant, method: str, route: str, body: dict[str, Any]
) -> None:
    subscription = make_subscription(tenant)
    url = f"/api/v1/webhooks/subscriptions/{subscription.id}{route}"

    response = getattr(api, method)(url, body, format="json")

    assert (response.status_code, response.json()["error"]) == (404, "NOT_FOUND")
    actions = AuditEntry.objects.filter(target_id=subscription.id).values_list("action", flat=True)
    assert sorted(actions) == ["subscription.created", "subscription.deleted"]


@pytest.mark.usefixtures("_deletes_meanwhile")
def test_replay_of_a_deleted_subscription_is_not_found(api: APIClient, tenant: Tenant) -> None:
    replay = make_replay(tenant, make_subscription(tenant))

    response = api.post(f"/api/v1/webhooks/replays/{replay.id}/cancel")

    assert response.status_code == 404


@pytest.mark.usefixtures("_deletes_meanwhile")
@pytest.mark.parametrize("route", ["rotate-secret", "recover"])
def test_deleted_subscription_is_not_found_in_the_admin(
    operator: Client, tenant: Tenant, route: str
) -> None:
    subscription = make_subscription(tenant)
    url = f"/admin/webhooks/subscription/{subscription.id}/{route}/"

    response = operator.post(url, {"since": "2026-01-01T00:00", "sure": "1"})

    assert response.status_code == 404
    assert not Subscription.objects.exists()
