"""The suite of directories: large groups, long lists and lookups, against django-scim2."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench import peering
from bench.figures import Measured, percentile
from bench.scim import serving
from bench.scim.assignments import Load, Mixture, Verification
from bench.scim.requests import count_of
from bench.scim.serving import IN_FLIGHT, Served
from bench.sizes import MIXED_REQUESTS_PER_SECOND
from bench.stage import Stage
from bench.suite import Suite

# What a server that has just been started does first is not what is measured. Lists come first:
# as long as nobody was created, it is known how many users there are.
WARM_UPS = {
    "list": IN_FLIGHT,
    "filter": 5 * IN_FLIGHT,
    "add_member": IN_FLIGHT,
    "post": 5 * IN_FLIGHT,
}


# Each turn has connections of its own: how they are spread over the web processes is luck.
TURNS = 2


@dataclass(slots=True, kw_only=True)
class Run:
    """What one directory is asked, and what must have come of it.

    ``requests`` says how many of each kind are measured.
    """

    served: Served
    requests: Mapping[str, int]
    asked: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(WARM_UPS, 0.0))
    left: int = 0

    def warm_up(self, kind: str) -> None:
        """Have the server do what it does but once."""
        self._load(kind, WARM_UPS[kind], IN_FLIGHT)

    def take_turn(self, kind: str) -> None:
        """Measure a part of the requests of a kind, many at a time."""
        seconds, _ = self._load(kind, self.requests[kind] // TURNS, IN_FLIGHT)
        self.seconds[kind] += seconds

    def per_second(self, kind: str) -> float:
        """Return how many requests of a kind were answered a second, in all turns together."""
        return TURNS * (self.requests[kind] // TURNS) / self.seconds[kind]

    def adding_alone(self, count: int) -> list[float]:
        """Measure how many milliseconds it takes to add one member, one after the other."""
        _, took_ms = self._load("add_member", count, 1)
        return took_ms

    def mixed(self, count: int) -> list[float]:
        """Measure how many milliseconds requests of all kinds take at an even load."""
        mixture = Mixture(
            requests=count,
            per_second=MIXED_REQUESTS_PER_SECOND,
            joiners=self._joiners,
            newcomers=self._newcomers,
        )
        took_ms: list[float] = self.served.ask(mixture)["took_ms"]
        self.asked["add_member"] += count_of("join", count)
        self.asked["post"] += count_of("post", count)
        self.left += count_of("leave", count)
        return took_ms

    def verify(self) -> None:
        """Raise BenchError unless everything that was answered was done, and nothing else."""
        self.served.ask(
            Verification(joined=self.asked["add_member"], left=self.left, users=self._newcomers)
        )

    @property
    def _joiners(self) -> int:
        return self.served.directory.members + self.asked["add_member"]

    @property
    def _newcomers(self) -> int:
        return len(self.served.directory.users) + self.asked["post"]

    def _load(self, kind: str, count: int, in_flight: int) -> tuple[float, list[float]]:
        """Ask for what nobody has asked for yet; return the seconds, and what each took."""
        first = {"add_member": self._joiners, "post": self._newcomers}.get(kind, self.asked[kind])
        told = self.served.ask(Load(kind=kind, first=first, requests=count, in_flight=in_flight))
        self.asked[kind] += count
        return told["seconds"], told["took_ms"]


def measure(stage: Stage) -> Measured:
    """Measure both, kind by kind one after the other, on servers that stay up."""
    sizes = stage.sizes.directory
    measured: dict[str, float] = {}
    with serving.product(stage) as product, serving.peer(stage) as peer:
        ours = Run(served=product, requests=_requests(stage, sizes.lists, sizes.adds))
        theirs = Run(served=peer, requests=_requests(stage, sizes.peer_lists, sizes.peer_adds))
        for served in (product, peer):
            served.database.settle()
        for kind in WARM_UPS:
            measured |= _take_turns(kind, theirs, ours)
        alone = ours.adding_alone(sizes.adds_alone)
        mixed = ours.mixed(sizes.mixed)
        ours.verify()
        theirs.verify()
    return measured | {
        "add_member_ms.p50": percentile(alone, 50),
        "add_member_ms.p95": percentile(alone, 95),
        "mixed25_ms.p50": percentile(mixed, 50),
        "mixed25_ms.p95": percentile(mixed, 95),
    }


def _take_turns(kind: str, *runs: Run) -> Measured:
    for run in runs:
        run.warm_up(kind)
    for _ in range(TURNS):
        for run in runs:
            run.take_turn(kind)
    return {f"{run.served.name}.{kind}_per_s": run.per_second(kind) for run in runs}


def _requests(stage: Stage, lists: int, adds: int) -> Mapping[str, int]:
    sizes = stage.sizes.directory
    return {"list": lists, "filter": sizes.filters, "add_member": adds, "post": sizes.posts}


SUITE = Suite(
    name="scim",
    prepare=peering.install,
    measurements={"PostgreSQL, beside django-scim2": measure},
    ratios={f"{kind}.ratio": (f"product.{kind}_per_s", f"peer.{kind}_per_s") for kind in WARM_UPS},
    keys=(
        "add_member.ratio",
        "add_member_ms.p50",
        "list.ratio",
        "filter.ratio",
        "post.ratio",
        "mixed25_ms.p95",
    ),
    labels={
        "product.add_member_per_s": "one member more in a group of 10,000, requests/s",
        "peer.add_member_per_s": "django-scim2, requests/s",
        "add_member.ratio": "add a member / django-scim2",
        "add_member_ms.p50": "one member more, one at a time, p50 ms",
        "add_member_ms.p95": "one member more, one at a time, p95 ms",
        "product.list_per_s": "a page of 100 of 12,000 users, requests/s",
        "peer.list_per_s": "django-scim2, requests/s",
        "list.ratio": "list / django-scim2",
        "product.filter_per_s": "who is called so, requests/s",
        "peer.filter_per_s": "django-scim2, requests/s",
        "filter.ratio": "filter / django-scim2",
        "product.post_per_s": "a new user, requests/s",
        "peer.post_per_s": "django-scim2, requests/s",
        "post.ratio": "new user / django-scim2",
        "mixed25_ms.p50": "25 requests/s of all kinds, p50 ms",
        "mixed25_ms.p95": "25 requests/s of all kinds, p95 ms",
    },
)
