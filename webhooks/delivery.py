"""The drain: takes lanes, sends what is due in them, writes down what came of it.

At least once: what is on its way when a worker dies is sent again, with the same ``webhook-id``, by
the worker that takes its lanes over when their lease has ended. Whoever has lost a lane changes
nothing any more: every write demands the delivery as it was read.

One thread does everything. No transaction is ever open while it waits for the network.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from core import http
from webhooks import building, lanes, logbook, retry, upkeep
from webhooks.buffers import LOOK_AGAIN_SECONDS, Buffers
from webhooks.logbook import Ended
from webhooks.open_lanes import OpenLane, Sent
from webhooks.queue import Due
from webhooks.recording import result_of
from webhooks.sending import headers_of, outcome_of
from webhooks.statements import LOOKS_PER_TIME, plans_by_index
from webhooks.types import Outcome

MAX_LANES = 2_000
# Few at first, so that those who begin together share; more and more while there is more to take.
TAKE_AT_FIRST, TAKE_AT_MOST = 16, 256
SEND_AT_ONCE = 64
WRITE_AT_ONCE = 200
# How long a tenant that has just come may wait for a worker that has enough to do.
LOOK_ELSEWHERE_SECONDS = 0.1
WRITE_AFTER_SECONDS = 0.02
# A tenant may have this many requests under way for each place that is free: alone four fifths of
# the places, and whoever comes finds one.
PLACES_PER_FREE_PLACE = 4
KEEP_SECONDS = 2.0
LOOK_BACK_SECONDS = 5.0

logger = logging.getLogger(__name__)


def drain(*, lease: timedelta = lanes.LEASE) -> int:
    """Send whatever is due, of every tenant; return how many attempts that took.

    After ``lease`` without a sign of life others may take over what this drain has in its hands.
    """
    with plans_by_index(), Drain(lease=lease) as worker:
        while worker.work():
            worker.wait(LOOK_AGAIN_SECONDS)
        return worker.attempts


class Drain:
    """A worker's share of the sending. Left properly, its lanes are free for others at once.

    An emptied lane is kept for ``linger`` seconds: where there was something, more may come.
    """

    def __init__(
        self, *, linger: float = 0.0, lease: timedelta = lanes.LEASE, owner: UUID | None = None
    ) -> None:
        self.attempts = 0
        self._leaving = self._more = False
        self._linger = linger
        self._lease = lease
        self._owner = owner or uuid4()
        self._client: http.ConcurrentClient[Sent] = http.ConcurrentClient()
        self._capacity = int(settings.DELIVERY_CONCURRENCY)
        self._lanes: dict[str, OpenLane] = {}
        self._buffers = Buffers()
        self._ended: list[Ended] = []
        self._ended_at = self._kept_at = self._looked_back_at = time.monotonic()
        self._take_at, self._take_size = 0.0, TAKE_AT_FIRST
        self._burdened = 0
        self._places: Counter[str] = Counter()
        self._taken_last: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Write down what has come back; what is still on its way will be sent again by others.

        After an error nothing is written: the lease ends, and others begin where it stands.
        """
        self._client.close()
        if kind is not None:
            return
        self._write()
        self._leave(list(self._lanes.values()))

    @property
    def busy(self) -> bool:
        """Whether something is on its way, or is to be written down."""
        return bool(len(self._client) or self._ended)

    @property
    def restless(self) -> bool:
        """Whether there is something to do soon that nobody rings a bell for."""
        return self.busy or any(lane.buffer for lane in self._lanes.values())

    @property
    def full(self) -> bool:
        """Whether there is as much to send already as this worker can send at once."""
        ready = sum(lane.ready for lane in self._lanes.values())
        return len(self._client) + ready >= self._capacity

    def take_leave(self) -> None:
        """Take on nothing more; what is not on its way yet is left to others."""
        self._leaving, self._more = True, False
        for lane in self._lanes.values():
            self._close(lane)

    def look(self) -> None:
        """Look for new work right away."""
        self._take_at = 0.0
        self._buffers.look()

    def work(self) -> bool:
        """Do what can be done without waiting; say whether there is anything left to do."""
        at, now = time.monotonic(), timezone.now()
        self._keep(at, now)
        if not self._leaving:
            self._take(at, now)
            self._buffers.fill(self._lanes, at, now)
            self._send(at, now)
        if len(self._ended) >= WRITE_AT_ONCE or at - self._ended_at >= WRITE_AFTER_SECONDS:
            self._write()
        idle = [each for each in self._lanes.values() if each.is_idle(at, now, self._linger)]
        if idle:
            self._leave(idle)
            self._take_at = 0.0
        return bool(self._lanes) or not self._take_at

    def wait(self, seconds: float, *, wake_on: int | None = None) -> None:
        """Wait for answers for at most ``seconds``, or until ``wake_on`` can be read."""
        if self._more and len(self._client) < self._capacity:
            seconds = 0.0
        for sent, answer in self._client.collect(seconds, wake_on=wake_on):
            self._burdened -= sent.burden
            outcome = outcome_of(sent.request, answer, sent.started_at)
            self._end(sent.lane, sent.due, outcome)

    def _keep(self, at: float, now: datetime) -> None:
        """Extend the lease; let go of lanes that are lost or whose subscription has changed."""
        if at - self._kept_at < min(KEEP_SECONDS, self._lease.total_seconds() / 4):
            return
        self._kept_at = at
        owned = lanes.keep(self._owner, now, self._lease)
        strays = dict.fromkeys(owned.keys() - self._lanes.keys())
        if strays:
            lanes.leave(self._owner, strays, at, now)
        for key, lane in list(self._lanes.items()):
            if key not in owned:
                logger.warning("webhook.lane_lost", extra={"subscription": key})
                self._buffers.empty(lane)
                del self._lanes[key]
            elif owned[key] != lane.changed_at:
                self._close(lane)
        if at - self._looked_back_at >= LOOK_BACK_SECONDS:
            self._looked_back_at = at
            for lane in self._lanes.values():
                lane.look_back()

    def _close(self, lane: OpenLane) -> None:
        """Have a lane left once its last answer is written down."""
        lane.closing = True
        self._buffers.empty(lane)

    def _take(self, at: float, now: datetime) -> None:
        if at < self._take_at:
            return
        # Who has enough to do leaves the rest to others, but lets no tenant wait behind another: first
        # come those with few lanes in hand, however long those of others have been waiting.
        enough = self.full or len(self._lanes) >= MAX_LANES
        held = Counter(lane.tenant_id for lane in self._lanes.values()) | self._taken_last
        most_held = 0 if enough else TAKE_AT_FIRST - 1
        served = [tenant for tenant, number in held.items() if number > most_held]
        taken = lanes.take(self._owner, self._take_size, now, self._lease, but=served)
        room = self._take_size - len(taken)
        if served and room and not enough:
            taken += lanes.take(self._owner, room, now, self._lease)
        more = len(taken) >= self._take_size
        self._take_size = min(2 * self._take_size, TAKE_AT_MOST) if more else TAKE_AT_FIRST
        self._taken_last = Counter(lane.tenant_id for lane in taken)
        for lane in taken:
            lane.used_at = lane.made_at = at
            self._lanes[lane.subscription_id] = lane
        if taken:
            self._buffers.look()
        rest = LOOK_ELSEWHERE_SECONDS if enough else LOOK_AGAIN_SECONDS
        took = time.monotonic() - at
        self._take_at = at + (0.0 if taken else max(rest, LOOKS_PER_TIME * took))

    def _send(self, at: float, now: datetime) -> None:
        """Put requests on their way, one of each lane in turn and in no fixed order of lanes."""
        room = min(SEND_AT_ONCE, self._capacity - len(self._client))
        while room > 0 and (ready := self._ready(at, now)):
            random.shuffle(ready)
            lanes.renew(ready[:room], at, now)
            for lane in ready[:room]:
                if self._has_place_for(lane):
                    self._start(lane, lane.take(at), now)
            room -= len(ready)
        self._more = room <= 0

    def _ready(self, at: float, now: datetime) -> list[OpenLane]:
        """Return the lanes from which something may be sent now.

        Half of the places are kept for receivers that are well, however many others are slow.
        """
        crowded = self._burdened >= self._capacity // 2
        return [
            lane
            for lane in self._lanes.values()
            if lane.may_send(at, now)
            and self._has_place_for(lane)
            and not (crowded and lane.window.shrunk)
        ]

    def _has_place_for(self, lane: OpenLane) -> bool:
        """Say whether its tenant leaves enough room for others, whatever they may want to send."""
        free = self._capacity - len(self._client)
        if self._places[lane.tenant_id] >= PLACES_PER_FREE_PLACE * free:
            return False
        return self._buffers.has_room_for(lane.buffer[0])

    def _start(self, lane: OpenLane, due: Due, now: datetime) -> None:
        self._buffers.sending(due)
        self._places[lane.tenant_id] += 1
        try:
            request = building.request_for(lane.workshop, due, now)
        except Exception:  # one delivery must not stop all the others
            logger.exception("webhook.building_failed", extra={"delivery": due.id})
            request = building.fault(now)
        due.data = None  # in flight, the request is enough
        if isinstance(request, Outcome):
            self._end(lane, due, request)
            return
        burden = lane.window.shrunk
        sent = Sent(lane=lane, due=due, request=request, started_at=now, burden=burden)
        try:
            self._client.start(
                sent,
                request.method,
                request.url,
                headers=headers_of(request),
                body=request.body,
                timeout=request.timeout,
                caller=lane.tenant_id,
            )
            self._burdened += burden
        except http.HttpError as error:
            self._end(lane, due, outcome_of(request, error, now))

    def _end(self, lane: OpenLane, due: Due, outcome: Outcome) -> None:
        """Note what came of an attempt, for the next time that results are written."""
        now = timezone.now()
        if not self._ended:
            self._ended_at = time.monotonic()
        lane.in_flight -= 1
        self._places[lane.tenant_id] -= 1
        lane.unwritten += 1
        lane.note(outcome, now)
        result = result_of(due, outcome, lane.policy, now)
        self._ended.append(Ended(lane=lane, due=due, outcome=outcome, result=result))
        self.attempts += 1

    def _write(self) -> None:
        if not self._ended:
            return
        logbook.write(self._ended)
        ended, self._ended = self._ended, []
        for each in ended:
            each.lane.unwritten -= 1
            if each.lane.ordered:
                each.lane.exhausted = False  # the next of its key may go now
            self._buffers.written(each.due)
        upkeep.look_after(
            {each.lane for each in ended},
            gone={each.lane for each in ended if each.outcome.status_code == retry.GONE},
        )

    def _leave(self, left: Iterable[OpenLane]) -> None:
        now = timezone.now()
        states = {lane.subscription_id: lane for lane in left}
        if states:
            lanes.leave(self._owner, states, time.monotonic(), now)
        for key, lane in states.items():
            self._buffers.empty(lane)
            del self._lanes[key]
