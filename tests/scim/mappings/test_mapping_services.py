"""Saving and restoring versions of a mapping."""

from typing import Any

import pytest

from core.errors import ImmutableError
from core.models import AuditEntry, Tenant
from scim import mappings, services
from scim.errors import InvalidMappingError, UnknownVersionError
from scim.mappings.built_in import FIELDS
from scim.mappings.kept import built_in
from scim.models import Mapping
from tests.makers import make_actor
from tests.scim.asking import ENTERPRISE, opened

pytestmark = pytest.mark.django_db

TITLE: list[Any] = [{"field": "job", "path": "Title"}]


@pytest.fixture(autouse=True)
def _directory(tenant: Tenant) -> None:
    opened(tenant)


def versions(tenant: Tenant) -> list[tuple[int, Any]]:
    rows = Mapping.objects.for_tenant(tenant).order_by("version")
    return [(row.version, row.fields) for row in rows]


def test_version_is_kept_in_the_spelling_of_the_schemas_with_who_and_why(tenant: Tenant) -> None:
    given: list[Any] = [
        {"field": "job", "path": "TITLE"},
        {"field": "unit", "path": f"{ENTERPRISE}:department", "default": "none", "required": True},
        {"field": "short", "expression": "lower(userName)", "type": "list"},
    ]

    saved = services.save_mapping(tenant, given, actor=make_actor(), note="for payroll")

    assert versions(tenant) == [
        (
            1,
            [
                {"field": "job", "path": "title", "type": "text"},
                {
                    "field": "unit",
                    "path": "enterprise.department",
                    "type": "text",
                    "required": True,
                    "default": "none",
                },
                {"field": "short", "expression": "lower(userName)", "type": "list"},
            ],
        )
    ]
    assert (saved.note, saved.author) == ("for payroll", "a test")
    entry = AuditEntry.objects.get(action="mapping.created")
    assert (entry.tenant, entry.target_id) == (tenant, saved.pk)
    assert entry.details == {"version": 1, "fields": ["job", "unit", "short"]}


def test_mapping_with_faults_is_not_saved(tenant: Tenant) -> None:
    given = [
        {"field": "active", "path": "active"},
        {"field": "mail", "expression": "emails.value"},
        {"field": "job", "path": "titel"},
    ]

    with pytest.raises(InvalidMappingError) as refusal:
        services.save_mapping(tenant, given, actor=make_actor())

    assert [(each.path, each.message) for each in refusal.value.faults] == [
        ("[0].field", "active is taken: the product gives it itself"),
        ("[1].expression", "emails is a list; write first(emails).value, or use a path"),
        ("[2].path", "a user has no attribute titel; did you mean title?"),
    ]
    assert versions(tenant) == []
    assert not AuditEntry.objects.filter(action="mapping.created").exists()


def test_restored_version_is_a_new_one_with_the_old_rules(tenant: Tenant) -> None:
    services.save_mapping(tenant, TITLE, actor=make_actor())
    services.save_mapping(tenant, [], actor=make_actor())

    again = services.restore_mapping(tenant, 1, actor=make_actor())

    kept = [{"field": "job", "path": "title", "type": "text"}]
    assert versions(tenant) == [(1, kept), (2, []), (3, kept)]
    assert again.note == "version 1 again"


def test_built_in_mapping_can_be_restored(tenant: Tenant) -> None:
    services.save_mapping(tenant, TITLE, actor=make_actor())

    saved = services.restore_mapping(tenant, services.BUILT_IN, actor=make_actor())

    assert mappings.compiled(saved.fields).simple == built_in().simple
    assert saved.fields == [{**each, "type": "text"} for each in FIELDS]


def test_version_of_another_tenant_cannot_be_restored(tenant: Tenant, stranger: Tenant) -> None:
    services.save_mapping(stranger, TITLE, actor=make_actor())

    with pytest.raises(UnknownVersionError, match="There is no version 1 of this mapping"):
        services.restore_mapping(tenant, 1, actor=make_actor())

    assert versions(tenant) == []


def test_version_is_never_altered(tenant: Tenant) -> None:
    saved = services.save_mapping(tenant, TITLE, actor=make_actor())
    saved.fields = []

    with pytest.raises(ImmutableError):
        saved.save()

    assert versions(tenant) == [(1, [{"field": "job", "path": "title", "type": "text"}])]
