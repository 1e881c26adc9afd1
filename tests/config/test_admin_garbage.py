"""Whatever stands in an address or a form of the admin: an answer, and never a fault of ours."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import helpers
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry


def name_of(options: Any) -> str:
    """Return how the addresses of a model's pages are named."""
    return f"{options.app_label}_{options.model_name}"


MODELS = sorted(name_of(model._meta) for model in admin.site._registry)
ANSWERS = {200, 302, 400, 403, 404}
QUERIES = [
    "_to_field=lane",
    "_to_field=tenant__name",
    "_to_field=%00",
    "q=%00",
    "p=-1",
    "p=99999999999999999999",
    "o=1.2.3.-9",
    "e=1&id__exact=%00",
    "all=",
    "_popup=1&_to_field=nothing",
]
IDS = ["nothing", "\x00", "sub_01m82xppexenft07tfcvtyx6jk", "-1", "9" * 5_000, "é"]


@pytest.mark.parametrize("model", MODELS)
def test_list_answers_whatever_is_asked(operator: Client, model: str) -> None:
    url = reverse(f"admin:{model}_changelist")

    answers = {query: operator.get(f"{url}?{query}").status_code for query in QUERIES}

    assert set(answers.values()) <= ANSWERS, answers


@pytest.mark.parametrize("model", MODELS)
def test_action_on_what_is_no_row_changes_nothing(operator: Client, model: str) -> None:
    url = reverse(f"admin:{model}_changelist")
    (model_admin,) = [each for each in admin.site._registry.values() if name_of(each.opts) == model]
    request = operator.get(url).wsgi_request

    before = AuditEntry.objects.count()

    for action in model_admin.get_actions(request):
        for key in IDS:
            body = {"action": action, helpers.ACTION_CHECKBOX_NAME: [key], "index": "0"}
            assert operator.post(url, body).status_code in ANSWERS

    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("model", MODELS)
def test_page_of_what_is_no_row_is_not_there(operator: Client, model: str) -> None:
    pages = [(page, key) for page in ("change", "delete", "history") for key in IDS]

    answers = {
        (page, key): operator.get(reverse(f"admin:{model}_{page}", args=[key])).status_code
        for page, key in pages
    }

    assert set(answers.values()) <= ANSWERS - {200}, answers
