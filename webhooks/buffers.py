"""What a worker has read ahead of the deliveries in its lanes, in bounded memory."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from webhooks import queue
from webhooks.open_lanes import OpenLane
from webhooks.queue import Due

MAX_READ = 500
MAX_READ_CHARACTERS = 16 * 1024 * 1024
MAX_BUFFERED_CHARACTERS = 64 * 1024 * 1024
LOOK_AGAIN_SECONDS = 0.02
# To look again and again must not cost more than a tenth of the time.
LOOKS_PER_TIME = 10


class Buffers:
    """Fills the buffers of lanes, and knows what is in hand: buffered, on its way or unwritten."""

    def __init__(self) -> None:
        self._held: set[UUID] = set()
        self._characters = 0
        self._largest = 1_024
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
            if (again or not lane.exhausted) and (each := lane.wanted())
        }
        if not wanted or self._characters >= MAX_BUFFERED_CHARACTERS:
            return
        room = max(1, min(MAX_READ, MAX_READ_CHARACTERS // self._largest))
        room += sum(each.held for each in wanted.values())
        found = queue.read_due(list(wanted.values()), now, room)
        numbers = Counter(due.subscription_id for due in found)
        for key, each in wanted.items():
            lanes[key].exhausted = len(found) < room and numbers[key] < each.limit
        for due in found:
            self._add(lanes[due.subscription_id], due)
        self._largest = max([len(due.data or "") for due in found], default=1_024)
        if again:
            took = time.monotonic() - at
            self._again_at = at + max(LOOK_AGAIN_SECONDS, LOOKS_PER_TIME * took)

    def _add(self, lane: OpenLane, due: Due) -> None:
        lane.read_to = due.place
        if due.key not in self._held:
            lane.buffer.append(due)
            self._held.add(due.key)
            self._characters += len(due.data or "")

    def sent(self, due: Due) -> None:
        """Note that a delivery has left its buffer; it is still in hand."""
        self._characters -= len(due.data or "")

    def written(self, due: Due) -> None:
        """Note that what came of a delivery is written down."""
        self._held.discard(due.key)

    def empty(self, lane: OpenLane) -> None:
        """Throw away what has been read of a lane and not been sent."""
        self._held.difference_update(due.key for due in lane.buffer)
        self._characters -= sum(len(due.data or "") for due in lane.buffer)
        lane.buffer.clear()
