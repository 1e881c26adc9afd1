"""The admin and the documentation as a browser shows them, scripts, styles and policy included."""

import json

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from selenium.webdriver import Chrome

from core import events, services
from core.models import Tenant
from records.services import create_record
from tests.browser.pages import Pages
from tests.makers import make_actor
from tests.once import ON_ONE_DATABASE
from tests.orders import make_order_type, order
from tests.sinks import Sink
from tests.staff import make_staff, page_of
from tests.subscriptions import make_delivery, make_replay, make_subscription
from webhooks.delivery import drain
from webhooks.models import Attempt, Delivery, Replay, Subscription

pytestmark = ON_ONE_DATABASE

DEFINITION = """Webhook: Tell the warehouse
Trigger: Order created
URL: {url}/hook
Method: POST
Headers:
  X-Shop: main
Payload:
  {{"number": "{{{{order.number}}}}", "items": {{{{order.items}}}}}}
"""


@pytest.fixture
def pages(chromium: Chrome, live_server: LiveServer, tenant: Tenant) -> Pages:
    """Somebody of acme who has just signed in."""
    make_staff("ann", tenant)
    found = Pages(chromium, live_server.url)
    found.sign_in("ann@example.com")
    return found


def test_subscription_is_pasted_previewed_saved_and_tested(pages: Pages, tenant: Tenant) -> None:
    make_order_type(tenant)
    with Sink() as sink:
        pages.open(page_of(Subscription, "add"))
        pages.type("definition", DEFINITION.format(url=sink.url))
        pages.click("#fill-from-definition")
        pages.wait_for_text("The form is filled in")
        filled = [pages.value(name) for name in ("name", "event_types", "headers")]
        pages.click("#preview")
        pages.wait_for_text('"number": "A-1042"')
        pages.click("button[name=_save]")
        pages.wait_for_text("cannot be shown again")
        secret = pages.find("#shown-secret").text
        row = Subscription.objects.get(tenant=tenant)
        pages.open(page_of(Subscription, "change", row.pk))
        pages.click("#send-test")
        pages.wait_for_text("Delivered: the receiver answered 204")

    [seen] = sink.requests
    assert filled == ["Tell the warehouse", "order.created", "X-Shop: main"]
    assert (row.name, secret[:6]) == ("Tell the warehouse", "whsec_")
    assert json.loads(seen.body)["number"] == "A-1042"
    assert seen.headers["x-shop"] == "main"
    assert pages.faults() == []


def test_fault_in_a_payload_is_shown_with_its_place(pages: Pages, tenant: Tenant) -> None:
    row = make_subscription(tenant, "https://warehouse.example.com/orders")
    pages.open(page_of(Subscription, "change", row.pk))

    pages.type("payload", '{"number": {{order.number')
    pages.click("#preview")
    pages.wait_for_text("line 1, column")

    assert pages.faults() == []


def test_delivery_is_looked_at_and_sent_again(pages: Pages, tenant: Tenant) -> None:
    make_order_type(tenant)
    with Sink() as sink:
        make_subscription(tenant, f"{sink.url}/hook")
        create_record(tenant, "order", order("A-7"), actor=make_actor())
        events.dispatch()
        drain()
        delivery = Delivery.objects.get(tenant=tenant)
        pages.open(page_of(Delivery, "changelist"))
        pages.wait_for_text("DELIVERED")
        pages.open(page_of(Delivery, "change", delivery.pk))
        pages.wait_for_text("HTTP 204")
        pages.open(page_of(Delivery, "change", delivery.pk) + "../replay/")
        pages.click("button[name=sure]")
        pages.wait_for_text("The delivery is in the queue again")
        drain()

    assert [seen.headers["webhook-id"] for seen in sink.requests] == [delivery.pk, delivery.pk]
    assert pages.faults() == []


def test_progress_of_a_replay_moves_by_itself_until_it_is_over(
    pages: Pages, tenant: Tenant
) -> None:
    replay = make_replay(tenant, total=2_000)

    pages.open(page_of(Replay, "change", replay.pk))
    pages.wait_for_text("0 of 2,000")
    Replay.objects.update(done=1_000)
    pages.wait_for_text("1,000 of 2,000")
    Replay.objects.update(done=2_000, finished_at=timezone.now())
    pages.wait_for_text("FINISHED")

    assert "Stop" not in pages.text()
    assert pages.faults() == []


@pytest.mark.parametrize("page", ["/admin/", "delivery"])
def test_page_is_no_wider_than_a_telephone(pages: Pages, tenant: Tenant, page: str) -> None:
    delivery = make_delivery(make_subscription(tenant, "https://warehouse.example.com/orders"))
    Attempt.objects.create(
        tenant=tenant,
        delivery=delivery,
        number=1,
        started_at=timezone.now(),
        duration_ms=17,
        status_code=500,
        response_body="<html><head><title>500 Internal Server Error</title></head></html>",
    )
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}

    pages.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    pages.open(page if page == "/admin/" else page_of(Delivery, "change", delivery.pk))
    width = pages.run("return document.documentElement.scrollWidth")
    pages.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert width == 390


def test_dashboard_draws_its_chart(pages: Pages, tenant: Tenant) -> None:
    make_delivery(make_subscription(tenant, "https://warehouse.example.com/orders"))

    pages.open("/admin/")
    drawn = pages.run(
        "return Chart.getChart(document.querySelector('canvas.chart'))?.data.datasets"
        ".map((series) => series.data.reduce((sum, number) => sum + number, 0))"
    )

    assert drawn == [0, 1, 0]
    assert pages.faults() == []


def test_event_of_the_catalogue_is_added_by_choosing_it(pages: Pages, tenant: Tenant) -> None:
    make_order_type(tenant)
    pages.open(page_of(Subscription, "add"))

    pages.click("select[data-suggests] option[value='order.deleted']")

    assert pages.value("event_types") == "order.deleted"


def test_documentation_of_the_api_works_under_its_policy(
    chromium: Chrome, live_server: LiveServer
) -> None:
    pages = Pages(chromium, live_server.url)

    pages.open("/api/v1/docs")
    pages.wait_for_text("/api/v1/api-keys")

    assert pages.faults() == []


def test_consent_leads_back_to_the_client_with_a_code(pages: Pages, tenant: Tenant) -> None:
    client = services.create_api_client(
        tenant,
        name="Field app",
        scopes=["records:read"],
        redirect_uris=["https://127.0.0.1:9/callback"],
        actor=make_actor(),
    ).client
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    pages.open(
        f"/oauth/authorize?response_type=code&client_id={client.client_id}&state=s1"
        f"&code_challenge={challenge}&code_challenge_method=S256"
        "&redirect_uri=https://127.0.0.1:9/callback"
    )
    faults = pages.faults()

    pages.click("button[name=allow]")

    address = pages.wait_for_address("https://127.0.0.1:9/callback?")
    assert faults == []
    assert "state=s1" in address
    assert "code=" in address
