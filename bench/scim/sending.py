"""Sends requests and keeps the answers, which are read when the clock has stopped."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.errors import BenchError
from bench.scim.answers import Answer
from bench.scim.assignments import Directory
from bench.scim.requests import ORDER, Request
from bench.scim.wires import Wires

PATIENCE_SECONDS = 1.0
SILENCE_SECONDS = 120.0
MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How long it took to send all requests, and each of them, and what was answered."""

    seconds: float
    took_ms: list[float]
    answers: list[Answer]


class Sender:
    """Sends the requests of one measurement to one directory."""

    def __init__(self, directory: Directory, requests: Sequence[Request]) -> None:
        url = urlsplit(directory.base_url)
        self._base_url = directory.base_url
        self._requests = requests
        self._written = [_written(directory, request) for request in requests]
        self._wires = Wires(url.hostname or "", url.port or 80)
        self._begun_at: list[float] = []
        self._took_ms: dict[int, float] = {}
        self._came: dict[int, tuple[int, bytes]] = {}

    def at_a_time(self, in_flight: int) -> Sent:
        """Send all requests, so many at a time, as fast as they are answered."""
        started = time.perf_counter()
        while len(self._came) < len(self._requests):
            while len(self._wires) < in_flight and len(self._begun_at) < len(self._requests):
                self._begin(time.perf_counter())
            self._collect(PATIENCE_SECONDS)
        return self._sent(time.perf_counter() - started)

    def when_due(self, per_second: float) -> Sent:
        """Send all requests at random moments, so many a second, and wait for no answer.

        A request counts from the moment at which it was due, so nothing hides when all is late.
        """
        started = time.perf_counter()
        due = [started + offset for offset in moments(len(self._requests), per_second)]
        while len(self._came) < len(self._requests):
            while (
                len(self._begun_at) < len(due) and due[len(self._begun_at)] <= time.perf_counter()
            ):
                self._begin(due[len(self._begun_at)])
            next_due = due[len(self._begun_at)] if len(self._begun_at) < len(due) else float("inf")
            self._collect(min(PATIENCE_SECONDS, max(0.0, next_due - time.perf_counter())))
        return self._sent(time.perf_counter() - started)

    def _begin(self, moment: float) -> None:
        """Send the next request, which counts from ``moment``."""
        number = len(self._begun_at)
        self._begun_at.append(moment)
        self._wires.send(number, self._written[number])

    def _collect(self, seconds: float) -> None:
        for number, status, body in self._wires.collect(seconds):
            self._took_ms[number] = (time.perf_counter() - self._begun_at[number]) * 1000
            self._came[number] = (status, body)
        self._refuse_silence()

    def _refuse_silence(self) -> None:
        """Raise BenchError when nothing has been answered for too long."""
        came = len(self._came)
        if len(self._wires) and time.perf_counter() - self._begun_at[came] > SILENCE_SECONDS:
            raise BenchError(f"after {came} answers there came none for {SILENCE_SECONDS:g} s")

    def _sent(self, seconds: float) -> Sent:
        self._wires.close()
        numbers = range(len(self._requests))
        return Sent(
            seconds=seconds,
            took_ms=[self._took_ms[number] for number in numbers],
            answers=[self._checked(number) for number in numbers],
        )

    def _checked(self, number: int) -> Answer:
        request = self._requests[number]
        status, body = self._came[number]
        question = f"{request.method} {self._base_url}{request.path}"
        answer = Answer(question=question, status=status, body=body)
        request.check(answer)
        return answer


def _written(directory: Directory, request: Request) -> bytes:
    """Return a request as it goes over the wire."""
    url = urlsplit(directory.base_url)
    lines = [
        f"{request.method} {url.path}{request.path} HTTP/1.1",
        f"Host: {url.netloc}",
        f"Authorization: Bearer {directory.token}",
        f"Accept: {MEDIA_TYPE}",
    ]
    if request.body:
        lines += [f"Content-Type: {MEDIA_TYPE}", f"Content-Length: {len(request.body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def moments(count: int, per_second: float) -> list[float]:
    """Return when so many requests are due, in seconds: at random, and the same ones each time."""
    chance = random.Random(ORDER)  # noqa: S311  # nobody gains by guessing it
    found, moment = [], 0.0
    for _ in range(count):
        moment += chance.expovariate(per_second)
        found.append(moment)
    return found
