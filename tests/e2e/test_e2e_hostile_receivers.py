"""Receivers that hang, flood, reset, drip and talk nonsense, beside one that is well."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import receivers
from tests.e2e.installation import Api, Installation, copy_of
from tests.e2e.receivers import (
    GIGABYTE,
    Ailment,
    Receiver,
    dripping,
    falling_silent,
    flooding,
    saying,
    sending_a_gigabyte,
)
from tests.e2e.supervised import Supervised, supervised
from tests.once import ON_ONE_DATABASE
from tests.sinks import Sink, wait_until

pytestmark = [pytest.mark.e2e, ON_ONE_DATABASE]
TIMEOUT_SECONDS = 2
# What an installation waits that says nothing else: whoever ends sooner has kept to the above.
DEFAULT_TIMEOUT_MS = 15_000
MOST_MEGABYTES = 300
# What a receiver may send in vain before it learns that nobody reads: the system's buffers.
MOST_BUFFERED_BYTES = GIGABYTE // 10
KEPT_CHARACTERS = 65_536
UPDATES = 5
# Soon again, and for as long as this test may take.
RETRIES = {"maxRetries": 50, "schedule": [1_000]}

OK = b"HTTP/1.1 200 OK\r\n"
FAILED = b"HTTP/1.1 500 Oops\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"

Verdict = tuple[int | None, str, str]
"""Status code and code of the error of an attempt, and what its delivery says went wrong."""
LATE = (None, "DEADLINE_EXCEEDED", "127.0.0.1 did not complete its answer in time")
CLOSED = (None, "UNREACHABLE", "127.0.0.1 closed the connection")
HUNG_UP = (None, "UNREACHABLE", "127.0.0.1 hung up without an answer")
NOT_HTTP = (None, "MALFORMED_RESPONSE", "what 127.0.0.1 answered is not an HTTP response")
BROKEN = (
    None,
    "MALFORMED_RESPONSE",
    "the answer of 127.0.0.1 is broken or ends before its announced length",
)
TOO_LONG = (
    None,
    "MALFORMED_RESPONSE",
    "the headers or the framing of the answer of 127.0.0.1 are too long",
)
SWITCHED = (
    None,
    "MALFORMED_RESPONSE",
    "127.0.0.1 switched to another protocol without being asked",
)
ANSWERED = (500, "", "the receiver answered 500")
TAKEN = (200, "", "")

SICK: dict[str, tuple[Ailment, Verdict]] = {
    "hangs": (receivers.hang, LATE),
    "falls-silent": (falling_silent(OK + b"Content-Length: 9\r\n\r\nx"), LATE),
    "drips-headers": (dripping(OK, b"X-Drop: x\r\n"), LATE),
    "drips-a-body": (dripping(OK + b"Content-Length: 100\r\n\r\n", b"x"), LATE),
    "drips-chunks": (dripping(OK + CHUNKED, b"1\r\nx\r\n"), LATE),
    "resets": (receivers.reset, CLOSED),
    "hangs-up": (receivers.hang_up, HUNG_UP),
    "endless-headers": (flooding(OK, b"X-More: x\r\n" * 1_000), TOO_LONG),
    "endless-header": (flooding(OK + b"X-More: "), TOO_LONG),
    "endless-status-line": (flooding(b"HTTP/1.1 200 "), TOO_LONG),
    "endless-interim": (flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000), TOO_LONG),
    "endless-chunk-size": (flooding(OK + CHUNKED, b"0" * 65_536), BROKEN),
    "endless-body": (flooding(FAILED + CHUNKED, CHUNK), ANSWERED),
    "gigabyte": (sending_a_gigabyte(FAILED), ANSWERED),
    "not-text": (saying(FAILED + b"X: \xff\xfe\r\nContent-Length: 3\r\n\r\na\x00\xff"), ANSWERED),
    "garbage": (saying(bytes(range(256)) * 16), NOT_HTTP),
    "another-protocol": (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), NOT_HTTP),
    "http-0.9": (saying(b"<html>Hello</html>"), NOT_HTTP),
    "http-2": (saying(b"HTTP/2 200\r\n\r\n"), NOT_HTTP),
    "no-status": (saying(b"HTTP/1.1 000 \r\nContent-Length: 0\r\n\r\n"), NOT_HTTP),
    "negative-length": (saying(OK + b"Content-Length: -1\r\n\r\nx"), NOT_HTTP),
    "two-lengths": (saying(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), NOT_HTTP),
    "too-short": (saying(OK + b"Content-Length: 9\r\n\r\nx"), BROKEN),
    "switches": (saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), SWITCHED),
    # A receiver that has said 2xx has the webhook; of what else it says only the beginning is read.
    "ok-endless-body": (flooding(OK + CHUNKED, CHUNK), TAKEN),
    "ok-until-closed": (flooding(OK + b"\r\n"), TAKEN),
    "ok-gigabyte": (sending_a_gigabyte(OK), TAKEN),
}
VERDICTS = {name: verdict for name, (_, verdict) in SICK.items()}
FAILING = {name for name, verdict in VERDICTS.items() if verdict != TAKEN}


@pytest.fixture(scope="module")
def installation(
    prepared: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation that does not wait for long."""
    copied = copy_of(prepared, tmp_path_factory.mktemp("hostile"))
    variables = copied._variables | {"DELIVERY_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)}
    yield Installation(copied.folder, copied.database, variables, copied.credentials)
    copied.database.drop()


def subscribe(api: Api, sick: Mapping[str, Receiver]) -> None:
    """Subscribe the receivers to new orders."""
    for name, receiver in sick.items():
        fields = {"name": name, "url": f"{receiver.url}/hook", "event_types": ["order.created"]}
        api.post("/webhooks/subscriptions", fields | {"retry_policy": RETRIES})


def deliveries_of(api: Api, order: str) -> dict[str, dict[str, Any]]:
    """Return what is owed for a new order, by the name of the receiver."""
    listed = api.get("/webhooks/subscriptions?limit=100")["data"]
    names = {each["id"]: each["name"] for each in listed}
    events = api.get("/events?limit=100&type=order.created")["data"]
    (event,) = (each["id"] for each in events if each["entity_id"] == order)
    owed = api.get(f"/webhooks/deliveries?limit=100&event={event}")["data"]
    return {names[each["subscription"]]: each for each in owed}


def states_of(api: Api) -> set[str]:
    return {state for _, state, _ in api.deliveries()}


def first_attempt(api: Api, delivery: Mapping[str, Any]) -> dict[str, Any]:
    attempts = api.get(f"/webhooks/deliveries/{delivery['id']}/attempts?limit=100")["data"]
    (first,) = (each for each in attempts if each["number"] == 1)
    return dict(first)


def peak_megabytes(worker: Supervised) -> float:
    """Return how much memory the largest process of a worker has ever had."""
    kilobytes = [0]
    for process in worker.left():
        with suppress(OSError):  # it has ended
            lines = Path(f"/proc/{process}/status").read_text().splitlines()
            kilobytes += [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return max(kilobytes) / 1_024


def test_bad_receivers_fail_in_time_and_cost_the_others_nothing(
    installation: Installation, api: Api
) -> None:
    ailments = {name: ailment for name, (ailment, _) in SICK.items()}

    with (
        Sink() as sink,
        receivers.sick(ailments) as sick,
        api.subscribed(sink.url, name="well"),
        supervised(installation) as worker,
    ):
        subscribe(api, sick)
        order = api.order("A-1")["id"]
        for number in range(UPDATES):
            api.send("PATCH", f"/records/order/{order}", {"data": {"total": number}})
        wait_until(lambda: len(sink.requests) == UPDATES + 1)
        wait_until(lambda: all(attempts for _, _, attempts in api.deliveries()))
        owed = deliveries_of(api, order)
        well = owed.pop("well")
        first = {name: first_attempt(api, delivery) for name, delivery in owed.items()}

        sent = [receiver.bytes_sent // receiver.seen.total() for receiver in sick.values()]
        for receiver in sick.values():
            receiver.heal()
        wait_until(lambda: states_of(api) == {"delivered"})
        later = api.order("A-2")["id"]
        wait_until(lambda: states_of(api) == {"delivered"} and len(sink.requests) == UPDATES + 2)
        delivered_later = deliveries_of(api, later)
        peak = peak_megabytes(worker)
        clusters = len(worker.lines("worker.cluster_started"))

    verdicts = {
        name: (each["status_code"], each["error_code"], owed[name]["last_error"])
        for name, each in first.items()
    }
    durations = {name: each["duration_ms"] for name, each in first.items()}
    assert verdicts == VERDICTS
    assert well["attempt_count"] == 1
    assert {name for name, each in owed.items() if each["state"] == "pending"} == FAILING
    assert max(durations.values()) < DEFAULT_TIMEOUT_MS
    late = [durations[name] for name, verdict in VERDICTS.items() if verdict == LATE]
    assert min(late) >= TIMEOUT_SECONDS * 1_000
    kept = [len(each["response_body"]) for each in first.values()]
    assert max(kept) == KEPT_CHARACTERS
    assert max(sent) < MOST_BUFFERED_BYTES
    assert peak < MOST_MEGABYTES
    assert clusters == 1
    arrived = {name: set(receiver.seen) for name, receiver in sick.items()}
    assert arrived == {
        name: {delivery["id"], delivered_later[name]["id"]} for name, delivery in owed.items()
    }
    repeated = {name for name, receiver in sick.items() if receiver.seen[owed[name]["id"]] > 1}
    assert repeated == FAILING
