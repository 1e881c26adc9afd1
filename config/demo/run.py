"""The demonstration step by step; each step prints what it did."""

import json
import secrets
import signal
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from standardwebhooks import Webhook, WebhookVerificationError

from config.demo import processes, setting
from config.demo.client import Client
from config.demo.processes import DemoError
from webhooks.receiver import Received, Receiver

START_SECONDS = 30
ARRIVAL = timedelta(seconds=30)
ORDER = {
    "customer_name": "Ada Lovelace",
    "items": [{"sku": "TEA-1", "quantity": 2}, {"sku": "CUP-7", "quantity": 1}],
    "total": 41.5,
    "status": "New",
}


def run(*, folder: Path, once: bool, port: int) -> int:
    """Run the demonstration; return the exit code."""
    # A terminated demonstration stops its processes like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            _show(stack, folder, port, started, stay=not once)
    except DemoError as error:
        _say(f"✗ {error}")
        return 1
    except KeyboardInterrupt:
        _say("Stopped.")
    return 0


def _show(stack: ExitStack, folder: Path, port: int, started: float, *, stay: bool) -> None:
    _say("1. Preparing the database")
    call_command("migrate", verbosity=0)
    receiver = stack.enter_context(Receiver())
    scene = setting.prepare(receiver.url)
    _say(f"   tenant {scene.tenant.slug}, record type Order, webhook → {scene.subscription_url}")

    _say("2. Starting the web server and the worker")
    url = f"http://127.0.0.1:{processes.free_port(port)}"
    web_log, worker_log = folder / "web.log", folder / "worker.log"
    web = stack.enter_context(processes.running(*processes.web(url), log=web_log))
    stack.enter_context(processes.running("manage.py", "worker", log=worker_log))
    processes.wait_until_ready(url, web, web_log, START_SECONDS)

    _say("3. Creating an order through the API, with an OAuth 2.0 client-credentials token")
    client = Client(url)
    client.sign_in(scene.client_id, scene.client_secret)
    order = client.post("/api/v1/records/order", {"data": ORDER}, secrets.token_hex(8))
    _say(f"   201 Created: {order['id']}")

    _say("4. Waiting for the webhook")
    received = receiver.next(ARRIVAL)
    if received is None:
        raise DemoError(f"No webhook arrived within {ARRIVAL.seconds} s:\n{worker_log.read_text()}")
    _say(_indented(received.as_text()))
    _check(received, scene.signing_secret, str(order["id"]))
    client.wait_until_delivered(ARRIVAL)
    _say("   ✓ the delivery log says: delivered")
    _say(f"Done in {time.monotonic() - started:.1f} s.")
    if stay:
        _stay(url, scene)


def _check(received: Received, secret: str, order_id: str) -> None:
    """Verify the request with the reference library of Standard Webhooks, and read its body."""
    try:
        body = Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError as error:
        raise DemoError(f"The signature does not verify: {error}") from error
    _say("   ✓ signature verified by the reference library (standardwebhooks)")
    expected = {
        "order_id": order_id,
        "customer": ORDER["customer_name"],
        "items": ORDER["items"],
        "total": ORDER["total"],
    }
    if body != expected:
        raise DemoError(f"The body is not what the template says: {json.dumps(body)}")
    if received.headers.get("authorization") != f"Bearer {setting.FULFILLMENT_KEY}":
        raise DemoError("The Authorization header was not filled in from the configuration.")
    _say("   ✓ payload and headers are what the template says")


def _stay(url: str, scene: setting.Scene) -> None:
    _say("")
    _say(f"Admin:  {url}/admin/   user {scene.staff_name}   password {scene.staff_password}")
    _say(f"API:    {url}/api/v1/docs")
    _say(f"Client: {scene.client_id}   secret {scene.client_secret}")
    _say("Stop with Ctrl-C.")
    while True:
        time.sleep(3600)


def _indented(text: str) -> str:
    return "\n".join(f"   │ {line}" for line in text.splitlines())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
