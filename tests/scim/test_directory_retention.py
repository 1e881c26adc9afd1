"""What a directory no longer keeps."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from core.ids import decode
from core.models import Tenant
from scim import tasks
from scim.models import ProvisioningEntry, Resource
from tests.makers import make_tenant

pytestmark = pytest.mark.django_db


def bury(tenant: Tenant, key: str, days_ago: int) -> Resource:
    now = timezone.now()
    resource: Resource = Resource.objects.create(
        tenant=tenant,
        kind="User",
        key=key,
        created_at=now,
        updated_at=now,
        deleted_at=now - timedelta(days=days_ago),
    )
    return resource


def note(tenant: Tenant, days_ago: int) -> ProvisioningEntry:
    entry: ProvisioningEntry = ProvisioningEntry.objects.create(
        tenant=tenant, happened_at=timezone.now() - timedelta(days=days_ago), duration_ms=1
    )
    return entry


def test_old_tombstones_and_entries_are_erased(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(retention_days=30)
    old, fresh = bury(tenant, "ann", 31), bury(tenant, "bob", 29)
    old_entry, fresh_entry = note(tenant, 31), note(tenant, 29)

    erased = tasks.erase_expired()

    assert erased == 2
    assert list(Resource.objects.values_list("pk", flat=True)) == [fresh.pk]
    assert list(ProvisioningEntry.objects.values_list("pk", flat=True)) == [fresh_entry.pk]
    assert old.pk != fresh.pk
    assert old_entry.pk != fresh_entry.pk


def test_tenant_that_keeps_everything_keeps_its_tombstones() -> None:
    tenant = make_tenant("forever")
    Tenant.objects.filter(pk=tenant.pk).update(retention_days=None)
    bury(tenant, "ann", 4_000)

    assert tasks.erase_expired() == 0
    assert Resource.objects.count() == 1


def test_present_users_are_never_erased(tenant: Tenant) -> None:
    now = timezone.now() - timedelta(days=4_000)
    row = Resource.objects.create(
        tenant=tenant, kind="User", key="ann", created_at=now, updated_at=now
    )

    assert tasks.erase_expired() == 0
    assert isinstance(decode("scm", row.pk), UUID)
    assert Resource.objects.present().count() == 1
