"""A lane in the hands of a worker: what it holds, and what may be sent from it now. No ORM."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from webhooks import retry
from webhooks.breaker import BUSY, Breaker, Circuit
from webhooks.building import Workshop
from webhooks.ordered import BEGINNING, Place, Walk
from webhooks.pacing import BURST_SECONDS, Rate, Window
from webhooks.queue import NEVER, Due, Wanted
from webhooks.retry import RetryPolicy, Verdict
from webhooks.types import OutboundRequest, Outcome

MOST_READ = 200
# Secrets and configuration values change without their subscription.
RENEW_SECONDS = 5.0
# A worker does not wait longer than this for a receiver that must not be called more often.
LONGEST_RATE_WAIT_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class Health:
    """How the receiver has been doing since its last success."""

    failing_since: datetime | None = None
    failures: int = 0
    warned: int = 0

    def note(self, *, good: bool, now: datetime) -> None:
        """Take in how a request went."""
        if good:
            self.failing_since, self.failures, self.warned = None, 0, 0
        else:
            self.failing_since = self.failing_since or now
            self.failures += 1


@dataclass(slots=True, kw_only=True, eq=False)
class OpenLane:
    """One subscription's queue, and the limits that its receiver has shown or been given.

    ``at`` is a moment on the monotonic clock in seconds, ``now`` one of the calendar. ``exhausted``
    says that the last look found less than was asked for; from ``read_to`` on a lane with more is
    read. What is ``closing`` takes on nothing more and is left when its last answer is written down.
    """

    subscription_id: str
    tenant_id: str
    changed_at: datetime
    resumed_at: datetime | None
    workshop: Workshop | Outcome
    policy: RetryPolicy
    window: Window
    breaker: Breaker
    health: Health
    rate: Rate | None = None
    ordered: bool = False
    blocks_for: timedelta | None = None
    buffer: deque[Due] = field(default_factory=deque)
    in_flight: int = 0
    unwritten: int = 0
    used_at: float = 0.0
    made_at: float = 0.0
    read_to: Place = BEGINNING
    walk: Walk = field(default_factory=Walk)
    exhausted: bool = False
    closing: bool = False

    def wanted(self) -> Wanted | None:
        """Return what to read for this lane now; None when it has enough or must not have more."""
        if self.closing or 2 * len(self.buffer) > self.window.size:
            return None
        limit = min(MOST_READ, 2 * self.window.size) - len(self.buffer)
        if self.ordered or self.exhausted:
            self.look_back()
        again = self.read_to == BEGINNING
        held = len(self.buffer) + self.in_flight + self.unwritten if again else 0
        return Wanted(
            subscription_id=self.subscription_id,
            limit=limit + held,
            held=held,
            after=self.read_to,
            ordered=self.ordered,
            blocks_since=self.blocks_since(),
            walk=self.walk,
        )

    def look_back(self) -> None:
        """Read from the beginning next time.

        What was committed late, or by a machine whose clock is slow, stands before what is read.
        """
        self.read_to = BEGINNING

    def may_send(self, at: float, now: datetime) -> bool:
        """Say whether the next delivery of the buffer may be sent now."""
        if self.closing or not self.buffer or self.in_flight >= self.window.size:
            return False
        state = self.breaker.state(now)
        if state == Circuit.OPEN or (state == Circuit.HALF_OPEN and self.in_flight):
            return False
        return self.rate is None or not self.rate.wait(at)

    @property
    def ready(self) -> int:
        """How many requests could be sent at once, as far as the receiver's window goes."""
        return min(len(self.buffer), max(0, self.window.size - self.in_flight))

    def is_outdated(self, at: float, now: datetime) -> bool:
        """Say whether what requests are made with has to be read anew before it is used again."""
        until = None if isinstance(self.workshop, Outcome) else self.workshop.valid_until
        return at - self.made_at >= RENEW_SECONDS or (until is not None and now >= until)

    def take(self, at: float) -> Due:
        """Return the next delivery, which is now on its way."""
        self.in_flight += 1
        self.used_at = at
        if self.rate is not None:
            self.rate.take(at)
        return self.buffer.popleft()

    def note(self, outcome: Outcome, now: datetime) -> None:
        """Take in how a request went, if it says anything about the receiver."""
        if outcome.status_code is None and (outcome.final or not outcome.duration):
            return
        good = retry.verdict(outcome.status_code, self.policy) == Verdict.DELIVERED
        self.window.note(good=good, duration=outcome.duration)
        self.health.note(good=good, now=now)
        if good:
            self.breaker.succeeded()
        elif outcome.status_code in BUSY:
            self.breaker.busy(now, outcome.retry_after, started_at=outcome.started_at)
        else:
            self.breaker.failed(now, started_at=outcome.started_at)

    def is_idle(self, at: float, now: datetime, linger: float) -> bool:
        """Say whether to leave the lane: nothing is on its way, and nothing will be for a while."""
        if self.in_flight or self.unwritten:
            return False
        if self.closing or self.breaker.state(now) == Circuit.OPEN:
            return True
        if self.buffer:
            return self.rate is not None and self.rate.wait(at) > LONGEST_RATE_WAIT_SECONDS
        looked = self.exhausted and (self.walk.whole or not self.ordered)
        return looked and at - self.used_at >= linger

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to remember of the receiver."""
        breaker = self.breaker
        healthy = self.health.failing_since is None and not breaker.trips
        return healthy and breaker.paused_until is None and self.rate is None

    def resting_until(self, at: float, now: datetime) -> datetime | None:
        """Return until when nobody may send from the lane; None when nothing speaks against it."""
        moments = [self.breaker.paused_until] if self.breaker.paused_until else []
        if self.rate is not None and (seconds := self.rate.wait(at)):
            # The next worker counts anew, so nothing may go together with what it sends first.
            moments.append(now + timedelta(seconds=seconds + BURST_SECONDS))
        return max(moments, default=None)

    def blocks_since(self) -> datetime:
        """Return since when what has failed holds up what comes behind it."""
        if not self.ordered:
            return NEVER
        if self.blocks_for is None:
            return datetime.min.replace(tzinfo=UTC)
        return datetime.now(UTC) - self.blocks_for


@dataclass(slots=True, kw_only=True)
class Sent:
    """A delivery on its way; a ``burden`` when its receiver was not well."""

    lane: OpenLane
    due: Due
    request: OutboundRequest
    started_at: datetime
    burden: bool
