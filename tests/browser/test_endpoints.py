"""Endpoints in the admin, in a browser: what the form shows follows what is chosen in it."""

import pytest
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from core.models import Tenant
from tests.browser.pages import Pages
from tests.endpoints import make_endpoint, make_message
from tests.once import ON_ONE_DATABASE
from tests.staff import make_staff, page_of
from webhooks.models import Endpoint, Message

pytestmark = ON_ONE_DATABASE

DEFINITION = (
    "{ endpoint: '/webhooks/external-service', method: 'PUT',"
    " headers: { 'X-Webhook-Secret': 'your-secret' }, validation: 'signature' }"
)


@pytest.fixture
def pages(chromium: Chrome, live_server: LiveServer, tenant: Tenant) -> Pages:
    """Somebody of acme who has just signed in."""
    make_staff("ann", tenant)
    found = Pages(chromium, live_server.url)
    found.sign_in("ann@example.com")
    return found


def choose(pages: Pages, scheme: str) -> None:
    """Choose who sends."""
    pages.click(f"select[name=scheme] option[value={scheme}]")


def test_the_form_follows_the_sender(pages: Pages) -> None:
    pages.open(page_of(Endpoint, "add"))
    choose(pages, "hmac")
    pages.wait_for_text("What is signed")
    shown = pages.find("[name=option_header]").get_attribute("placeholder")
    choose(pages, "secret_header")
    pages.wait_for_text("the sender puts it into the header named in the options")
    afterwards = pages.find("[name=option_header]").get_attribute("placeholder")
    choose(pages, "stripe")
    pages.wait_for_text("in Stripe's Workbench")

    assert (shown, afterwards) == ("X-Signature-256", "X-Webhook-Secret")
    assert pages.find("[name=event_type]").get_attribute("placeholder") == "body:type"
    assert not pages.find("[name=option_header]").is_displayed()
    assert pages.find("[name=tolerance_seconds]").get_attribute("placeholder") == "300"
    assert pages.faults() == []


def test_a_definition_is_pasted_and_saved(pages: Pages, tenant: Tenant) -> None:
    pages.open(page_of(Endpoint, "add"))
    pages.click("summary")
    pages.type("definition", DEFINITION)
    pages.click("#fill-from-definition")
    pages.wait_for_text("The form is filled in")
    pages.wait_for_text("/in/acme/webhooks/external-service")
    pages.click("button[name=_save]")
    pages.wait_for_text("cannot be shown again")

    endpoint = Endpoint.objects.get(tenant=tenant)
    assert (endpoint.path, endpoint.scheme) == ("webhooks/external-service", "hmac")
    assert endpoint.methods == ["PUT"]
    assert endpoint.expected_headers == [{"name": "X-Webhook-Secret", "value": "your-secret"}]
    assert pages.faults() == []


@pytest.mark.parametrize("page", ["list", "endpoint", "message"])
def test_page_is_no_wider_than_a_telephone(pages: Pages, tenant: Tenant, page: str) -> None:
    path = "webhooks/" + "-".join(["warehouse"] * 15)
    message = make_message(make_endpoint(tenant, path=path), "d" * 150)
    address = {
        "list": page_of(Endpoint, "changelist"),
        "endpoint": page_of(Endpoint, "change", message.endpoint_id),
        "message": page_of(Message, "change", message.pk),
    }[page]
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}

    pages.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    pages.open(address)
    width = pages.run("return document.documentElement.scrollWidth")
    pages.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert width == 390
