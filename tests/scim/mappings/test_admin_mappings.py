"""The pages of attribute mappings in the admin."""

from typing import Any

import pytest
from django.test import Client

from core.models import AuditEntry, Tenant
from scim import services
from scim.models import Mapping, ProvisioningEntry
from tests.makers import make_actor
from tests.scim.asking import Asker, opened
from tests.staff import act, errors_of, make_onlooker, page_of, text_of

pytestmark = pytest.mark.django_db

Row = tuple[str, str, str, str, str, str]
JOB: Row = ("job", "path", "Title", "text", "", "")
LOUD: Row = ("display_name", "expression", "upper(displayName)", "text", "yes", "nobody")
RANK: Row = ("rank", "path", "title", "integer", "", "7")
BLANK: Row = ("", "path", "", "text", "", "")
WRONG: Row = ("mail", "path", "email.value", "text", "", "")
PREVIEW = "/admin/scim/mapping/preview/"


@pytest.fixture
def ask(tenant: Tenant) -> Asker:
    return opened(tenant)


def typed(*rows: Row, **others: str) -> dict[str, Any]:
    """Return the form of a new version as a browser sends it."""
    names = ("field", "source", "text", "type", "required", "default")
    columns = {f"rules-{name}": [row[i] for row in rows] for i, name in enumerate(names)}
    return {"note": "", **columns, **others}


def rules_of(tenant: Tenant) -> Any:
    return Mapping.objects.for_tenant(tenant).latest("version").fields


def test_rows_of_the_form_become_the_rules_of_a_new_version(
    acme_staff: Client, tenant: Tenant
) -> None:
    answer = acme_staff.post(
        page_of(Mapping, "add"), typed(JOB, BLANK, LOUD, RANK, note="why"), follow=True
    )

    assert rules_of(tenant) == [
        {"field": "job", "path": "title", "type": "text"},
        {
            "field": "display_name",
            "expression": "upper(displayName)",
            "type": "text",
            "required": True,
            "default": "nobody",
        },
        {"field": "rank", "path": "title", "type": "integer", "default": 7},
    ]
    row = Mapping.objects.get(tenant=tenant)
    assert (row.version, row.note, row.author) == (1, "why", "ann@example.com")
    assert AuditEntry.objects.filter(action="mapping.created", tenant=tenant).count() == 1
    assert "Version 1 is in force." in text_of(answer)


def test_fault_stands_at_its_row_and_nothing_is_saved(acme_staff: Client) -> None:
    answer = acme_staff.post(page_of(Mapping, "add"), typed(BLANK, JOB, WRONG))

    assert errors_of(answer) == {"rules": ["Some rules cannot be followed; see below."]}
    page = text_of(answer)
    row = page[page.index('value="email.value"') :]
    assert "a user has no attribute email; did you mean emails?" in row[: row.index("</tr>")]
    assert 'value="Title"' in page
    assert Mapping.objects.count() == 0


def test_new_version_begins_with_the_built_in_rules_or_those_in_force(
    acme_staff: Client, tenant: Tenant, ask: Asker
) -> None:
    first = text_of(acme_staff.get(page_of(Mapping, "add")))
    services.save_mapping(
        tenant, [{"field": "job", "expression": "lower(title)"}], actor=make_actor()
    )

    later = text_of(acme_staff.get(page_of(Mapping, "add")))
    built_in = text_of(acme_staff.get(page_of(Mapping, "add"), {"from": "built-in"}))

    assert [page.count('value="enterprise.costCenter"') for page in (first, later, built_in)] == [
        2,
        1,
        2,
    ]
    assert 'value="lower(title)"' in later


def test_operator_begins_from_a_version_of_the_tenant(
    operator: Client, tenant: Tenant, stranger: Tenant
) -> None:
    row = services.save_mapping(tenant, [{"field": "job", "path": "title"}], actor=make_actor())

    opened_form = act(operator, Mapping, "change_from", row.pk)
    operator.post(page_of(Mapping, "add"), typed(LOUD, tenant=stranger.pk))

    assert f'value="{tenant.pk}" selected' in text_of(opened_form)
    assert 'value="job"' in text_of(opened_form)
    assert Mapping.objects.for_tenant(stranger).get().version == 1


def test_version_is_put_into_force_again(acme_staff: Client, tenant: Tenant) -> None:
    first = services.save_mapping(tenant, [{"field": "job", "path": "title"}], actor=make_actor())
    second = services.save_mapping(tenant, [], actor=make_actor())

    asked = acme_staff.get(page_of(Mapping, "restore", first.pk))
    refused = act(acme_staff, Mapping, "restore", second.pk)
    done = act(acme_staff, Mapping, "restore", first.pk)

    assert "Put version 1 into force again?" in text_of(asked)
    assert "This version is in force." in text_of(refused)
    assert "Version 3 is in force." in text_of(done)
    assert rules_of(tenant) == first.fields


def test_version_is_neither_changed_nor_deleted(acme_staff: Client, tenant: Tenant) -> None:
    row = services.save_mapping(tenant, [{"field": "job", "path": "title"}], actor=make_actor())

    changed = acme_staff.post(page_of(Mapping, "change", row.pk), typed(LOUD))
    deleted = acme_staff.post(page_of(Mapping, "delete", row.pk), {"post": "yes"})

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert rules_of(tenant) == row.fields


def test_preview_shows_old_and_new_values_of_the_users_that_are_looked_for(
    acme_staff: Client, tenant: Tenant, ask: Asker
) -> None:
    ask.user("ann@example.com", displayName="Ann", title="Lead")
    ask.user("bob@example.com", displayName="Bob")

    page = text_of(acme_staff.post(PREVIEW, typed(JOB, LOUD, tried_on="ANN@")))

    assert ("ann@example.com" in page, "bob@example.com" in page) == (True, False)
    assert page.count("<h3>") == 1
    assert "ANN" in page
    assert "Lead" in page
    assert Mapping.objects.count() == 0


def test_preview_takes_the_newest_users_an_id_or_an_entry_of_the_log(
    acme_staff: Client, tenant: Tenant, ask: Asker
) -> None:
    ids = [ask.user(f"user{number}")["id"] for number in range(7)]
    entry = ProvisioningEntry.objects.for_tenant(tenant).filter(target_id=ids[0]).get()

    pages = [
        text_of(acme_staff.post(PREVIEW, typed(JOB, tried_on=wanted)))
        for wanted in ("", ids[1], entry.pk)
    ]

    shown = [[number for number in range(7) if f"<h3>user{number}</h3>" in page] for page in pages]
    assert shown == [[2, 3, 4, 5, 6], [1], [0]]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("nobody", "No user, and no entry of the log, is called so."),
        ("prv_\x00", "No user, and no entry of the log, is called so."),
        ("%", "No user, and no entry of the log, is called so."),
    ],
)
def test_preview_of_nobody_says_so(
    acme_staff: Client, ask: Asker, wanted: str, sentence: str
) -> None:
    ask.user("ann")

    answer = acme_staff.post(PREVIEW, typed(JOB, tried_on=wanted))

    assert (answer.status_code, sentence in text_of(answer)) == (200, True)


def test_preview_names_the_faults_of_the_draft(acme_staff: Client, ask: Asker) -> None:
    page = text_of(acme_staff.post(PREVIEW, typed(JOB, WRONG)))

    assert "Rule 2, path: a user has no attribute email; did you mean emails?" in page


def test_staff_try_drafts_on_users_of_their_own_tenant_alone(
    globex_staff: Client, tenant: Tenant, stranger: Tenant, ask: Asker
) -> None:
    user = ask.user("ann")["id"]
    entry = ProvisioningEntry.objects.for_tenant(tenant).get()
    version = services.save_mapping(tenant, [], actor=make_actor())
    nobody = "No user, and no entry of the log, is called so."

    pages = [
        text_of(globex_staff.post(PREVIEW, typed(JOB, tried_on=wanted, tenant=tenant.pk)))
        for wanted in ("ann", user, entry.pk, "")
    ]
    begun = globex_staff.get(page_of(Mapping, "add"), {"from": version.pk})
    restored = globex_staff.post(page_of(Mapping, "restore", version.pk))

    assert [nobody in page for page in pages] == [True] * 4
    assert (begun.status_code, restored.status_code) == (404, 404)
    assert Mapping.objects.count() == 1


def test_operator_is_asked_for_the_tenant(operator: Client, tenant: Tenant, ask: Asker) -> None:
    ask.user("ann")

    answers = [
        text_of(operator.post(PREVIEW, typed(JOB, tenant=given)))
        for given in ("", "ten_nothing", "\x00", tenant.pk)
    ]

    assert ["Choose the tenant first." in answer for answer in answers] == [True, True, True, False]
    assert "<h3>ann</h3>" in answers[3]


def test_who_may_only_look_neither_tries_nor_saves(tenant: Tenant, ask: Asker) -> None:
    onlooker = make_onlooker(tenant)
    row = services.save_mapping(tenant, [], actor=make_actor())

    answers = [
        onlooker.get(page_of(Mapping, "add")),
        onlooker.post(page_of(Mapping, "add"), typed(JOB)),
        onlooker.post(PREVIEW, typed(JOB)),
        onlooker.post(page_of(Mapping, "restore", row.pk)),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert onlooker.get(page_of(Mapping, "change", row.pk)).status_code == 200
    assert Mapping.objects.count() == 1


def test_preview_is_asked_for_by_post(acme_staff: Client) -> None:
    assert acme_staff.get(PREVIEW).status_code == 405
