"""What staff of one tenant can reach by typing addresses and forms of their own."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.models import ApiClient, ApiKey, ConfigValue, EventType, Tenant, User
from records.models import Record, RecordType
from scim.models import Mapping
from tests.orders import make_order_type
from tests.staff import make_staff, page_of, sign_in, text_of
from webhooks.models import Delivery, Replay, Subscription

pytestmark = pytest.mark.usefixtures("everything")


def test_deleting_by_guessed_ids_deletes_nothing(globex_staff: Client, tenant: Tenant) -> None:
    models = (ConfigValue, EventType, Record, RecordType, Subscription)
    chosen = {model: model.objects.get(tenant=tenant) for model in models}

    for model, row in chosen.items():
        globex_staff.post(page_of(model, "delete", row.pk), {"post": "yes"})
        globex_staff.post(
            page_of(model, "changelist"),
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        )

    assert [model.objects.filter(tenant=tenant).count() for model in models] == [1] * 5


def test_actions_by_guessed_ids_do_nothing(globex_staff: Client, tenant: Tenant) -> None:
    delivery = Delivery.objects.filter(tenant=tenant).latest("id")
    Delivery.objects.update(state="dead", next_attempt_at=None, finished_at=delivery.created_at)
    subscription = Subscription.objects.get(tenant=tenant)
    choices = [
        (Delivery, "replay_chosen", delivery.pk),
        (Subscription, "disable_chosen", subscription.pk),
    ]

    for model, action, pk in choices:
        globex_staff.post(
            page_of(model, "changelist"),
            {"action": action, "_selected_action": pk, "index": 0, "sure": "yes"},
        )

    delivery.refresh_from_db()
    subscription.refresh_from_db()
    assert (delivery.state, subscription.enabled) == ("dead", True)


def test_pages_of_actions_on_another_tenants_row_are_not_found(
    globex_staff: Client, tenant: Tenant
) -> None:
    key = ApiKey.objects.get(tenant=tenant)
    client = ApiClient.objects.get(tenant=tenant)
    subscription = Subscription.objects.get(tenant=tenant)
    delivery = Delivery.objects.filter(tenant=tenant).latest("id")
    replay = Replay.objects.get(tenant=tenant)
    mapping = Mapping.objects.get(tenant=tenant)
    addresses = [
        reverse("admin:core_apikey_rotate", args=[key.pk]),
        reverse("admin:core_apikey_revoke", args=[key.pk]),
        reverse("admin:core_apiclient_renew_secret", args=[client.pk]),
        reverse("admin:webhooks_subscription_rotate", args=[subscription.pk]),
        reverse("admin:webhooks_subscription_test", args=[subscription.pk]),
        reverse("admin:webhooks_subscription_recover", args=[subscription.pk]),
        reverse("admin:webhooks_delivery_replay", args=[delivery.pk]),
        reverse("admin:webhooks_delivery_retry", args=[delivery.pk]),
        reverse("admin:webhooks_replay_cancel", args=[replay.pk]),
        reverse("admin:scim_mapping_change_from", args=[mapping.pk]),
        reverse("admin:scim_mapping_restore", args=[mapping.pk]),
    ]

    statuses = [globex_staff.post(address, {"sure": "yes"}).status_code for address in addresses]

    key.refresh_from_db()
    assert statuses == [404] * 11
    assert (key.revoked_at, key.replaced_by) == (None, None)


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("records", "record", "type"),
        ("webhooks", "delivery", "subscription"),
        ("webhooks", "delivery", "event"),
    ],
)
def test_suggestions_name_nothing_of_another_tenant(
    globex_staff: Client, acme_staff: Client, app: str, model: str, field: str
) -> None:
    query = {"app_label": app, "model_name": model, "field_name": field}
    url = reverse("admin:autocomplete")

    theirs, own = globex_staff.get(url, query), acme_staff.get(url, query)

    assert theirs.json()["results"] == []
    assert len(own.json()["results"]) == 1 if field != "event" else own.status_code == 200


def test_choices_and_filters_offer_nothing_of_another_tenant(globex_staff: Client) -> None:
    add = text_of(globex_staff.get(page_of(Record, "add")))
    records = text_of(globex_staff.get(page_of(Record, "changelist")))
    deliveries = text_of(globex_staff.get(page_of(Delivery, "changelist")))

    assert (">order<" in add, ">order<" in records) == (False, False)
    assert "Warehouse" not in deliveries


def test_record_of_another_tenants_type_cannot_be_added(
    globex_staff: Client, tenant: Tenant
) -> None:
    record_type = RecordType.objects.get(tenant=tenant)

    answer = globex_staff.post(
        page_of(Record, "add"), {"type": record_type.pk, "data": '{"number": "G-1"}'}
    )

    assert answer.status_code == 200
    assert Record.objects.count() == 1


def test_typed_tenant_is_not_taken_from_staff_of_another(
    globex_staff: Client, tenant: Tenant, stranger: Tenant
) -> None:
    globex_staff.post(
        page_of(ConfigValue, "add"), {"tenant": tenant.pk, "name": "color", "value": "blue"}
    )

    assert ConfigValue.objects.get(name="color").tenant == stranger


@pytest.mark.parametrize(
    "lookup",
    ["digest__startswith", "tenant__slug", "tenant__users__password__startswith"],
)
def test_lists_are_narrowed_by_their_own_filters_only(acme_staff: Client, lookup: str) -> None:
    answer = acme_staff.get(page_of(ApiKey, "changelist"), {lookup: "c"})

    assert answer.status_code == 400


def test_operator_narrows_a_list_to_one_tenant(operator: Client, stranger: Tenant) -> None:
    make_order_type(stranger, name="Globex order")

    answer = operator.get(page_of(RecordType, "changelist"), {"tenant": "globex"})

    assert [row.tenant for row in answer.context["cl"].result_list] == [stranger]


@pytest.mark.parametrize("page", ["change", "delete"])
def test_operator_without_all_rights_cannot_take_over_who_has_them(page: str) -> None:
    boss, clerk = make_staff("boss"), make_staff("clerk")
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    clerk.refresh_from_db()
    clerk.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    browser = sign_in(clerk)

    browser.post(
        page_of(User, "change", clerk.pk),
        {"username": "clerk", "is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )
    answers = [
        browser.post(page_of(User, page, boss.pk), {"username": "x", "post": "yes"}),
        browser.post(f"/admin/core/user/{boss.pk}/password/", {"password1": "a", "password2": "a"}),
    ]

    clerk.refresh_from_db()
    boss.refresh_from_db()
    assert [answer.status_code for answer in answers] == [403, 403]
    assert (clerk.is_superuser, boss.username) == (False, "boss@example.com")


def test_staff_of_a_tenant_cannot_raise_their_rights(tenant: Tenant, stranger: Tenant) -> None:
    ann = make_staff("ann", tenant)
    ann.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    browser = sign_in(ann)

    browser.post(
        page_of(User, "change", ann.pk),
        {
            "username": "ann@example.com",
            "first_name": "Anna",
            "is_superuser": "on",
            "tenant": stranger.pk,
            "groups": [],
        },
    )

    ann.refresh_from_db()
    assert (ann.first_name, ann.is_superuser, ann.tenant) == ("Anna", False, tenant)
    assert [group.name for group in ann.groups.all()] == ["Tenant staff"]
