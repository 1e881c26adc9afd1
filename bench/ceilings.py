"""What is possible at most: the product's client without a database behind it."""

import time
from contextlib import ExitStack

from bench.assignments import Sending
from bench.figures import Measured
from bench.sizes import IN_FLIGHT, PROCESSES
from bench.stage import Stage

LIMIT_SECONDS = 300.0


def bare(stage: Stage) -> Measured:
    """Measure requests a second of as many processes as send deliveries elsewhere."""
    share = Sending(
        urls=tuple(stage.nginx.urls()),
        requests=stage.sizes.bare_requests // PROCESSES,
        in_flight=IN_FLIGHT,
    )
    with stage.postgresql.new() as unused, ExitStack() as stack:
        programs = [
            stack.enter_context(stage.task("bare", share, unused)) for _ in range(PROCESSES)
        ]
        started = time.perf_counter()
        for program in programs:
            program.begin()
        sent = sum(int(program.result(LIMIT_SECONDS)["sent"]) for program in programs)
        seconds = time.perf_counter() - started
    return {"bare.requests_per_s": sent / seconds}
