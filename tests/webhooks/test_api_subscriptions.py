"""Subscriptions over the API."""

import pytest
from rest_framework.test import APIClient

from core.models import AuditEntry, Tenant
from tests.garbage import MALFORMED, MISSHAPEN, Garbage
from tests.makers import make_key
from tests.subscriptions import NOWHERE, SECRET, make_delivery, make_owed, make_subscription
from webhooks import signing, tasks
from webhooks.models import Attempt, Delivery, SigningSecret, Subscription

BASE = "/api/v1/webhooks/subscriptions"
NEW = {
    "name": "Tell the warehouse",
    "event_types": ["order.created"],
    "url": "https://warehouse.example/orders",
}


def test_created_subscription_shows_its_secret_once(api: APIClient) -> None:
    answer = api.post(BASE, {**NEW, "retry_policy": {"maxRetries": 2, "retryDelay": 500}})

    created = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"{BASE}/{created['id']}")
    secret = created.pop("secret")
    signing.check_secret(secret)
    assert created.pop("warnings") == []
    shown = api.get(f"{BASE}/{created['id']}")
    assert shown.json() == created
    assert secret not in shown.content.decode()
    assert {name: created[name] for name in NEW} == NEW
    assert created["retry_policy"] == {
        "maxRetries": 2,
        "retryDelay": 500,
        "backoffMultiplier": 2.0,
        "maxDelay": 86_400_000,
    }
    assert (created["method"], created["enabled"], created["public_keys"]) == ("POST", True, [])
    assert AuditEntry.objects.filter(action="subscription.created").count() == 1


def test_secret_of_ones_own_is_taken(api: APIClient) -> None:
    answer = api.post(BASE, {**NEW, "secret": SECRET})

    assert answer.json()["secret"] == SECRET
    assert SigningSecret.objects.get().secret == SECRET


def test_repeat_with_the_same_idempotency_key_creates_one(api: APIClient) -> None:
    first = api.post(BASE, NEW, headers={"Idempotency-Key": "k1"})

    second = api.post(BASE, NEW, headers={"Idempotency-Key": "k1"})

    assert first.json() == second.json()
    assert Subscription.objects.count() == 1


def test_public_keys_are_shown_for_ed25519(api: APIClient) -> None:
    created = api.post(BASE, {**NEW, "signature_scheme": "both"}).json()

    (key,) = api.get(f"{BASE}/{created['id']}").json()["public_keys"]

    private = SigningSecret.objects.get(kind=SigningSecret.Kind.ED25519).secret
    assert created["public_keys"] == [key] == [signing.public_key_of(private)]


def test_literal_of_a_sensitive_header_is_masked_and_kept_by_the_mask(
    api: APIClient, tenant: Tenant
) -> None:
    headers = [
        {"name": "Authorization", "value": "Bearer abc-123"},
        {"name": "X-Api-Key", "value": "{{config.key}}"},
        {"name": "X-Team", "value": "sales"},
    ]
    created = api.post(BASE, {**NEW, "headers": headers}).json()
    url = f"{BASE}/{created['id']}"

    changed = api.patch(url, {"headers": [*created["headers"][:2], {"name": "X-B", "value": "c"}]})

    masked = {"name": "Authorization", "value": "••••••"}
    assert created["headers"] == [masked, *headers[1:]]
    assert changed.json()["headers"] == [masked, headers[1], {"name": "X-B", "value": "c"}]
    assert Subscription.objects.get().headers == [
        headers[0],
        headers[1],
        {"name": "X-B", "value": "c"},
    ]


def test_change_leaves_what_it_does_not_name(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE, filter="order.total > 1")

    answer = api.patch(f"{BASE}/{subscription.id}", {"name": "Renamed", "timeout_seconds": 5})

    assert answer.status_code == 200
    subscription.refresh_from_db()
    assert (subscription.name, subscription.timeout_seconds) == ("Renamed", 5)
    assert (subscription.filter, subscription.url) == ("order.total > 1", NOWHERE)
    entry = AuditEntry.objects.get(action="subscription.updated")
    assert entry.details == {"fields": ["name", "timeout_seconds"]}


def test_refused_change_changes_nothing(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)

    answer = api.patch(f"{BASE}/{subscription.id}", {"name": "New", "payload": '{"a": {{b}'})

    assert answer.status_code == 422
    (detail,) = answer.json()["details"]
    assert (detail["path"], detail["code"], detail["line"]) == ("payload", "invalid_template", 1)
    subscription.refresh_from_db()
    assert (subscription.name, subscription.payload) == ("Warehouse", "")


def test_switching_off_and_on_is_safe_to_repeat(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)

    states = [
        api.post(f"{BASE}/{subscription.id}/{verb}").json()["enabled"]
        for verb in ("disable", "disable", "enable", "enable")
    ]

    assert states == [False, False, True, True]
    actions = AuditEntry.objects.filter(action__startswith="subscription.").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "subscription.created",
        "subscription.disabled",
        "subscription.enabled",
    ]


def test_rotation_shows_the_new_secret_and_when_the_old_one_ends(
    api: APIClient, tenant: Tenant
) -> None:
    subscription = make_subscription(tenant, NOWHERE)

    answer = api.post(f"{BASE}/{subscription.id}/rotate-secret", {"overlap_hours": 48})

    body = answer.json()
    assert answer.status_code == 200
    new, old = SigningSecret.objects.filter(subscription=subscription).order_by("-id")
    assert (new.secret, new.expires_at) == (body["secret"], None)
    assert old.secret == SECRET
    assert old.expires_at is not None
    assert body["old_secrets_expire_at"] == old.expires_at.isoformat().replace("+00:00", "Z")


def test_rotation_to_a_useless_secret_is_refused(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)

    answer = api.post(f"{BASE}/{subscription.id}/rotate-secret", {"secret": "short"})

    assert (answer.status_code, answer.json()["error"]) == (422, "ROTATION_REFUSED")
    assert SigningSecret.objects.get().expires_at is None


def test_deleted_subscription_takes_its_deliveries_along(api: APIClient, tenant: Tenant) -> None:
    subscription = make_subscription(tenant, NOWHERE)
    make_delivery(subscription)
    other = make_owed(tenant)

    answer = api.delete(f"{BASE}/{subscription.id}")
    found = api.get(f"{BASE}/{subscription.id}")
    tasks.erase_deleted()

    assert (answer.status_code, found.status_code) == (204, 404)
    assert list(Delivery.objects.values_list("id", flat=True)) == [other.id]
    assert Attempt.objects.count() == 0


def test_list_shows_the_newest_first_and_pages(api: APIClient, tenant: Tenant) -> None:
    ids = [make_subscription(tenant, NOWHERE, name=str(number)).id for number in range(3)]

    first = api.get(BASE, {"limit": 2}).json()
    second = api.get(BASE, {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [row["id"] for row in first["data"] + second["data"]] == ids[::-1]


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"url": 5}, "url", "type"),
        ({"events": ["order.created"]}, "events", "unknown"),
        ({"event_types": "order.created"}, "event_types", "not_a_list"),
        ({"headers": {"X-A": "b"}}, "headers", "not_a_list"),
        ({"headers": [{"name": "X-A", "val": "b"}]}, "headers[0].val", "unknown"),
        ({"retry_policy": {"maxRetries": "x"}}, "retry_policy.maxRetries", "type"),
        ({"enabled": "perhaps"}, "enabled", "type"),
        ({"method": "TRACE"}, "method", "invalid_choice"),
        ({"payload": "x" * 100_001}, "payload", "max_length"),
    ],
)
def test_subscription_that_is_not_valid_is_refused(
    api: APIClient, change: dict[str, object], path: str, code: str
) -> None:
    answer = api.post(BASE, {**NEW, **change})

    assert answer.status_code == 422
    found = [(detail["path"], detail["code"]) for detail in answer.json()["details"]]
    assert (path, code) in found
    assert Subscription.objects.count() == 0


@pytest.mark.parametrize("garbage", [*MALFORMED, *MISSHAPEN], ids=str)
def test_garbage_is_refused(api: APIClient, garbage: Garbage) -> None:
    answer = api.generic("POST", BASE, garbage.body, garbage.content_type)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["error"]) == (garbage.status, garbage.error)
    assert Subscription.objects.count() == 0


def test_reading_scope_does_not_write(tenant: Tenant) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_key(tenant, 'webhooks:read')}")

    answers = [client.get(BASE).status_code, client.post(BASE, NEW).status_code]

    assert answers == [200, 403]
