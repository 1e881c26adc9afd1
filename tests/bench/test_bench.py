"""The benchmark's own arithmetic and receivers; what it measures needs a quiet machine."""

import http.client
import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench import backlogs, deliveries, figures, latencies, machine, report, servers
from bench.__main__ import SUITES
from bench.assignments import Preparation, Receiver, as_json, preparation
from bench.errors import BenchError
from bench.figures import Figure
from bench.processes import Program, python, running
from bench.product.samples import order
from bench.sizes import EVENT_BYTES, FULL
from bench.stage import arrivals
from bench.suite import Suite

ALL_KEYS = [
    "postgresql.deliveries_per_s",
    "sqlite.deliveries_per_s",
    "bare.requests_per_s",
    "celery.deliveries_per_s",
    "django_webhook.deliveries_per_s",
    "ratio.bare",
    "ratio.celery",
    "idle_ms.p50",
    "idle_ms.p95",
    "fanout10.deliveries_per_s",
    "mixed.healthy_share",
    "mixed.healthy_p95_ms",
    "memory_mb",
]


def post(port: int, *bodies: dict[str, str]) -> list[int]:
    """Post ``bodies`` over one connection; return what was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    answered = []
    for body in bodies:
        connection.request("POST", "/hook/001", json.dumps(body))
        response = connection.getresponse()
        response.read()
        answered.append(response.status)
    connection.close()
    return answered


def sink(folder: Path, delay: str = "0") -> tuple[tuple[str, ...], Path]:
    return python("-m", "bench.sinks", delay), folder / "log"


def test_median_and_spread_are_those_of_the_rounds() -> None:
    rounds = [{"a": 10.0, "b": 1.0}, {"a": 30.0, "b": 2.0}, {"a": 20.0}]

    summarized = figures.summarize(rounds)

    assert summarized == {"a": Figure(runs=(10.0, 30.0, 20.0))}
    figure = summarized["a"]
    assert (figure.median, figure.lowest, figure.highest) == (20.0, 10.0, 30.0)


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (50, 10.0), (95, 19.0), (96, 20.0), (100, 20.0)]
)
def test_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    values = [float(value) for value in range(20, 0, -1)]

    assert figures.percentile(values, percent) == expected


def test_ratios_compare_within_one_round() -> None:
    measured = {
        "postgresql.deliveries_per_s": 6_000.0,
        "bare.requests_per_s": 15_000.0,
        "celery.deliveries_per_s": 120.0,
    }

    ratios = figures.with_ratios(measured, deliveries.SUITE.ratios)

    assert ratios == measured | {"ratio.bare": 0.4, "ratio.celery": 50.0}


def test_document_holds_the_medians_by_name_and_what_they_rest_on() -> None:
    measured = {key: Figure(runs=(1.0, 12_345.678, 0.123456)) for key in deliveries.SUITE.keys}

    document = report.document(measured, deliveries.SUITE.keys, {"cores": 2}, FULL)

    assert list(document) == [*ALL_KEYS, "machine", "sizes", "runs"]
    assert document["memory_mb"] == 1.0
    assert document["machine"] == {"cores": 2}
    assert document["sizes"]["backlog"] == 20_000
    assert document["runs"]["memory_mb"] == {
        "median": 1.0,
        "lowest": 0.1235,
        "highest": 12_346.0,
        "runs": [1.0, 12_346.0, 0.1235],
    }


def test_table_shows_what_was_measured_and_nothing_else() -> None:
    measured = {
        "sqlite.deliveries_per_s": Figure(runs=(2_345.6, 1_999.0, 2_500.0)),
        "ratio.celery": Figure(runs=(41.26,)),
        "mixed.healthy_share": Figure(runs=(0.754,)),
    }

    lines = [line.split() for line in report.table(measured, deliveries.SUITE.labels).splitlines()]

    assert lines == [
        ["median", "lowest", "highest"],
        ["SQLite,", "deliveries/s", "2,346", "1,999", "2,500"],
        ["PostgreSQL", "/", "Celery", "41.3", "41.3", "41.3"],
        ["what", "the", "healthy", "keep", "of", "their", "speed", "0.75", "0.75", "0.75"],
    ]


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_what_a_suite_quotes_and_divides_has_a_line_in_its_table(suite: Suite) -> None:
    assert set(suite.keys) <= suite.labels.keys()
    for name, divided in suite.ratios.items():
        assert {name, *divided} <= suite.labels.keys()


def test_latency_of_what_never_came_is_the_whole_patience() -> None:
    committed = {"evt_1": 1_000_000_000, "evt_2": 2_000_000_000}

    took = latencies.milliseconds(committed, {"evt_1": 1_002_500_000})

    assert took == [2.5, latencies.PATIENCE_SECONDS * 1000]


def test_sink_accepts_and_notes_when_each_event_came(tmp_path: Path) -> None:
    words, log = sink(tmp_path)
    before = time.time_ns()

    with running("receiver", words, log, talking=True) as program:
        port = int(program.line(10))
        answered = post(port, {"id": "evt_1"}, {"id": "evt_2"}, {"id": "evt_1"})
        after = time.time_ns()
        arrived = arrivals(program)

    assert answered == [204, 204, 204]
    assert list(arrived) == ["evt_1", "evt_2"]
    assert before < arrived["evt_1"] < arrived["evt_2"] < after


def test_slow_sink_keeps_its_callers_waiting_at_the_same_time(tmp_path: Path) -> None:
    words, log = sink(tmp_path, "0.2")
    request = b'POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\n{"id":"evt"}'

    with running("receiver", words, log, talking=True) as program:
        port = int(program.line(10))
        started = time.monotonic()
        callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for caller in callers:
            caller.sendall(request)
        answers = {caller.recv(100) for caller in callers}
        took = time.monotonic() - started
        for caller in callers:
            caller.close()

    assert answers == {b"HTTP/1.1 204 No Content\r\n\r\n"}
    # One after the other they would take 4 s.
    assert 0.2 <= took < 3


def test_refusing_endpoint_refuses() -> None:
    with servers.refusing() as url:
        port = urlsplit(url).port
        assert port is not None

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))


def test_program_that_ends_too_early_is_quoted(tmp_path: Path) -> None:
    words = python("-c", "import sys; sys.exit('what is wrong')")

    with (
        running("a program", words, tmp_path / "log", talking=True) as program,
        pytest.raises(BenchError) as raised,
    ):
        program.wait_until_ready()

    assert str(raised.value).splitlines()[0] == "a program has ended."
    assert str(raised.value).splitlines()[-1] == "what is wrong"


def test_program_is_gone_after_its_block(tmp_path: Path) -> None:
    words = python("-c", "import time; print('ready', flush=True); time.sleep(60)")

    with running("a program", words, tmp_path / "log", talking=True) as program:
        program.wait_until_ready()

    assert ended(program)


def ended(program: Program) -> bool:
    return program.process.poll() is not None


def test_assignment_crosses_over_as_it_is() -> None:
    given = Preparation(
        receivers=(Receiver(name="healthy-000", url="http://127.0.0.1/", event_types=("a.b",)),),
        events=3,
        event_types=("a.b", "a.c"),
    )

    read = preparation(json.loads(as_json(given)))

    assert read.receivers[0].name == "healthy-000"
    assert (read.events, list(read.event_types)) == (3, ["a.b", "a.c"])


def test_every_order_is_one_kibibyte() -> None:
    sizes = {len(json.dumps(order(n, EVENT_BYTES), separators=(",", ":"))) for n in (0, 9_999_999)}

    assert sizes == {1_024}


def test_one_receiver_in_ten_is_slow_and_one_in_ten_refuses() -> None:
    healthy = [f"http://127.0.1.{number}/hook" for number in range(1, 101)]

    receivers = backlogs.mixed_receivers(healthy, "http://slow", "http://refusing")

    names = [receiver.name.partition("-")[0] for receiver in receivers]
    assert {name: names.count(name) for name in names} == {
        "healthy": 80,
        "slow": 10,
        "refusing": 10,
    }
    assert len({receiver.event_types for receiver in receivers}) == 100


def test_machine_is_described_from_what_the_system_says() -> None:
    cpu = machine.cpu_model("processor : 0\nmodel name\t: AMD EPYC 7713\ncpu MHz : 1\n")

    assert cpu == "AMD EPYC 7713"
    assert machine.first_version("Redis server v=7.0.15 sha=00000000:0") == "7.0.15"
    assert machine.pinned("# celery\ncelery==5.7.0\nvine==5.1.0\n") == {"celery": "5.7.0"}
