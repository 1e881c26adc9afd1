"""The demonstration step by step; each step prints what it did."""

import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError

from config.demo import processes, proof, setting
from config.demo.client import Client
from config.demo.errors import DemoError
from config.demo.listening import url_of
from config.demo.processes import Program
from config.demo.setting import Scene
from core.errors import CoreError
from records.errors import RecordError
from webhooks.errors import WebhookError
from webhooks.receiver import Received, Receiver

START = timedelta(seconds=30)
ARRIVAL = timedelta(seconds=30)
LOOK = timedelta(seconds=0.2)
INTERRUPTED = 128 + signal.SIGINT
EXPECTED_ERRORS = (
    DemoError,
    CoreError,
    RecordError,
    WebhookError,
    ValidationError,
    DatabaseError,
    OSError,
)


def run(*, folder: Path, once: bool, listener: socket.socket) -> int:
    """Run the demonstration; return the exit code."""
    # A terminated demonstration stops its processes like one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            receiver = stack.enter_context(Receiver())
            scene, programs = _show(stack, folder, listener, receiver)
            if not once:
                _stay(url_of(listener), scene, programs, receiver)
    except EXPECTED_ERRORS as error:
        _say(f"✗ {error}")
        if not once:
            _say(f"  To start afresh, remove {folder} and run it again.")
        return 1
    except KeyboardInterrupt:
        _say("✗ Interrupted.")
        return INTERRUPTED
    return 0


def _show(
    stack: ExitStack, folder: Path, listener: socket.socket, receiver: Receiver
) -> tuple[Scene, tuple[Program, Program]]:
    """Do the main job once; return who took part. The ``stack`` ends what was started."""
    started = time.monotonic()
    _say("1. Preparing the database")
    call_command("migrate", verbosity=0)
    scene = setting.prepare(receiver.url)
    _say(f"   tenant {scene.tenant.slug}, record type Order, webhook → {scene.subscription_url}")

    _say("2. Starting the web server and the worker")
    url = url_of(listener)
    programs = _start(stack, folder, listener)
    processes.wait_until_ready(url, programs[0], START)
    _say(f"   {url} is ready")

    _say("3. Creating an order through the API, with an OAuth 2.0 client-credentials token")
    client = Client(url)
    client.sign_in(scene.client_id, scene.client_secret)
    order = client.post(
        "/api/v1/records/order", {"data": setting.ORDER}, idempotency_key=secrets.token_hex(8)
    )
    _say(f"   201 Created: {order['id']}")

    _say("4. Waiting for the webhook")
    received = _wait(receiver, programs, str(order["id"]))
    _say(_indented(received.as_text()))
    proof.check_signature(received, scene.signing_secret)
    _say("   ✓ signature verified by the reference library (standardwebhooks)")
    proof.check_content(received, str(order["id"]))
    _say("   ✓ payload and headers are what the template says")
    client.wait_until_delivered(received.headers["webhook-id"], ARRIVAL)
    _say("   ✓ the delivery log says: delivered")
    _say(f"Done in {time.monotonic() - started:.1f} s.")
    return scene, programs


def _start(stack: ExitStack, folder: Path, listener: socket.socket) -> tuple[Program, Program]:
    """Start the web server and the worker, which the ``stack`` ends."""
    web = processes.running(
        "The web server", *processes.web(listener), log=folder / "web.log", listener=listener
    )
    worker = processes.running("The worker", "manage.py", "worker", log=folder / "worker.log")
    return stack.enter_context(web), stack.enter_context(worker)


def _wait(receiver: Receiver, programs: tuple[Program, Program], order_id: str) -> Received:
    """Return the order's webhook; raise DemoError when it does not arrive or a program ends.

    Others may come before it: what a demonstration that was killed still owes.
    """
    deadline = time.monotonic() + ARRIVAL.total_seconds()
    while time.monotonic() < deadline:
        received = receiver.next(LOOK)
        if received is not None and order_id.encode() in received.body:
            return received
        _check(programs)
    _, worker = programs
    raise DemoError(f"No webhook arrived within {ARRIVAL.seconds} s.{worker.last_words()}")


def _check(programs: Iterable[Program]) -> None:
    for program in programs:
        program.check()


def _stay(url: str, scene: Scene, programs: Iterable[Program], receiver: Receiver) -> None:
    """Say how to go on, and show what arrives until interrupted.

    Raises DemoError when a program ends.
    """
    try:
        _say("")
        _say(f"Admin:  {url}/admin/   user {scene.staff_name}   password {scene.staff_password}")
        _say(f"API:    {url}/api/v1/docs")
        _say(f"Client: {scene.client_id}   secret {scene.client_secret}")
        _say(f"Key:    {scene.api_key}   (an API key with every scope)")
        _say("Webhooks that arrive from now on are shown here.")
        _say("Stop with Ctrl-C.")
        while True:
            _check(programs)
            received = receiver.next(LOOK)
            if received is not None:
                _show_later(received, scene)
    except KeyboardInterrupt:
        _say("Stopped.")


def _show_later(received: Received, scene: Scene) -> None:
    _say("")
    _say(_indented(received.as_text()))
    try:
        proof.check_signature(received, scene.signing_secret)
    except DemoError as error:
        _say(f"   ✗ {error}")
    else:
        _say("   ✓ signature verified by the reference library (standardwebhooks)")


def _indented(text: str) -> str:
    return "\n".join(f"   │ {line}" for line in text.splitlines())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
