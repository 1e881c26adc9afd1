"""The documentation of the API: Swagger UI from our own files, under our own policy."""

import json

import pytest
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome
from selenium.webdriver.support.select import Select

from core.models import Tenant
from tests.browser.pages import Pages
from tests.makers import make_key
from tests.once import ON_ONE_DATABASE
from tests.orders import make_order_type

pytestmark = ON_ONE_DATABASE

OPERATION = "#operations-Access-get_caller"


@pytest.fixture
def docs(chromium: Chrome, live_server: LiveServer) -> Pages:
    pages = Pages(chromium, live_server.url)
    pages.open("/api/v1/docs")
    pages.find(OPERATION)
    return pages


def loaded(pages: Pages) -> list[str]:
    """Return the addresses of everything that the page has loaded."""
    script = "return JSON.stringify(performance.getEntriesByType('resource').map(e => e.name))"
    return list(json.loads(pages.browser.execute_script(script)))


def test_documentation_is_made_of_our_own_files_without_a_fault(docs: Pages) -> None:
    addresses = loaded(docs)

    assert "Patchbay API" in docs.text()
    assert f"{docs.url}/api/v1/schema" in addresses
    assert [each for each in addresses if not each.startswith((docs.url, "data:"))] == []
    assert docs.faults() == []


def test_documentation_shows_scope_errors_and_example_of_an_operation(docs: Pages) -> None:
    docs.click("#operations-Records-create_record .opblock-summary-control")
    docs.wait_for_text("Needs the scope records:write.")

    docs.wait_for_text("DUPLICATE_KEY")
    docs.wait_for_text("Ana Duarte")
    docs.wait_for_text("Idempotency-Key")
    assert docs.faults() == []


def test_operation_can_be_tried_out_with_a_key(docs: Pages, tenant: Tenant) -> None:
    make_order_type(tenant)
    docs.click(".auth-wrapper .authorize")
    docs.find("#auth-bearer-value").send_keys(make_key(tenant))
    docs.click("form:has(#auth-bearer-value) .authorize")
    docs.click(".auth-btn-wrapper .btn-done")

    Select(docs.find(".servers select")).select_by_value("/")
    docs.click(f"{OPERATION} .opblock-summary-control")
    docs.click(f"{OPERATION} .try-out__btn")
    docs.click(f"{OPERATION} .execute")

    docs.wait_for_text('"slug": "acme"')
    assert docs.faults() == []
