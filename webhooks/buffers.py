"""What a worker has in hand: read ahead, on its way or not written down yet. In bounded memory.

Sizes are those of the events' data. What is LARGE is not read ahead and counts from its sending.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from webhooks import queue
from webhooks.open_lanes import OpenLane
from webhooks.queue import Due, Wanted
from webhooks.statements import LOOKS_PER_TIME

MAX_READ = 500
MAX_SIZE = 64 * 1024 * 1024
LOOK_AGAIN_SECONDS = 0.02


class Buffers:
    """Fills the buffers of lanes, and knows what is in hand."""

    def __init__(self) -> None:
        self._held: set[UUID] = set()
        self._entities: set[tuple[str, str]] = set()
        # By tenant: nobody may fill it for all the others.
        self._sizes: Counter[str] = Counter()
        self._size = 0
        self._again_at = 0.0

    def look(self) -> None:
        """Look again next time, also where there was nothing before."""
        self._again_at = 0.0

    def fill(self, lanes: Mapping[str, OpenLane], at: float, now: datetime) -> None:
        """Read more for the lanes that run low."""
        again = at >= self._again_at
        wanted = {
            key: each
            for key, lane in lanes.items()
            if (again or not lane.exhausted)
            and at >= lane.walk.rested_at
            and (each := self._wanted(lane))
        }
        if not wanted:
            return
        room = MAX_READ + sum(each.held for each in wanted.values())
        found = queue.read_due(list(wanted.values()), now, room)
        numbers = Counter(due.subscription_id for due in found)
        for key, each in wanted.items():
            lanes[key].exhausted = len(found) < room and numbers[key] < each.limit
        for due in found:
            self._add(lanes[due.subscription_id], due)
        if again:
            took = time.monotonic() - at
            self._again_at = at + max(LOOK_AGAIN_SECONDS, LOOKS_PER_TIME * took)

    def _wanted(self, lane: OpenLane) -> Wanted | None:
        if self._size < MAX_SIZE:
            return lane.wanted()
        # Nobody waits behind what is another's: who has nothing in hand may have one.
        wanted = None if self._sizes[lane.tenant_id] else lane.wanted()
        return wanted and replace(wanted, limit=wanted.held + 1)

    def _add(self, lane: OpenLane, due: Due) -> None:
        lane.read_to = due.place
        if due.key in self._held or _entity(due) in self._entities:
            return
        lane.buffer.append(due)
        self._held.add(due.key)
        if due.ordering_key:
            self._entities.add(_entity(due))
        if not due.large:
            self._count(due, 1)

    def has_room_for(self, due: Due) -> bool:
        """Say whether the data of a delivery that is about to be sent may be read."""
        if not due.large or not self._sizes[due.tenant_id]:
            return True
        return self._size + (due.size or 0) <= MAX_SIZE

    def sending(self, due: Due) -> None:
        """Note that a delivery leaves its buffer; it is still in hand."""
        if due.large:
            self._count(due, 1)

    def written(self, due: Due) -> None:
        """Note that what came of a delivery is written down."""
        self._let_go(due)
        self._count(due, -1)

    def empty(self, lane: OpenLane) -> None:
        """Throw away what has been read of a lane and not been sent."""
        for due in lane.buffer:
            self._let_go(due)
            if not due.large:
                self._count(due, -1)
        lane.buffer.clear()

    def _let_go(self, due: Due) -> None:
        self._held.discard(due.key)
        self._entities.discard(_entity(due))

    def _count(self, due: Due, sign: int) -> None:
        size = sign * (due.size or 0)
        self._size += size
        self._sizes[due.tenant_id] += size


def _entity(due: Due) -> tuple[str, str]:
    """Return of what one goes at a time; nothing that has no key is ever held under it."""
    return due.subscription_id, due.ordering_key
