"""Whether a cluster still works, from what its processes have noted."""

import pytest

from core.worker.board import Board
from core.worker.judgment import Judge
from core.worker.limits import Limits

LIMITS = Limits()
PATIENCE = int(LIMITS.patience.total_seconds())
STOPPED = int(LIMITS.stopped.total_seconds())
UNGUARDED = "the process that guards the others does not go round"
UNFETCHED = "no tasks are fetched although a worker is idle"
WAITING = "tasks wait although a worker is idle"
UNACKNOWLEDGED = "finished tasks are not acknowledged"


class Cluster:
    """A cluster of two workers, idle and well, unless a test has something stand still."""

    def __init__(self) -> None:
        self.board = Board(2)
        self.judge = Judge(self.board, LIMITS)
        self.now = 1000.0
        self.guards = self.fetches = True
        self.stopped: list[int] = []

    def live(self, seconds: int) -> str | None:
        """Let the time pass, a look a second; return the first complaint."""
        for _ in range(seconds):
            self.board.sentinel.turns += self.guards
            self.board.pusher.turns += self.fetches
            self.now += 1
            if complaint := self.judge.look(self.now, self.stopped):
                return complaint
        return None

    def be_busy(self, *busy: int) -> None:
        for seat, value in zip(self.board.workers, busy, strict=True):
            seat.busy = value


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    assert cluster.live(1) is None
    return cluster


def test_cluster_with_nothing_to_do_is_well(cluster: Cluster) -> None:
    assert cluster.live(3600) is None


def test_cluster_is_well_while_all_workers_are_busy_and_tasks_wait(cluster: Cluster) -> None:
    cluster.be_busy(1, 1)
    cluster.board.pusher.sent = 6
    cluster.board.workers[0].received = cluster.board.workers[1].received = 1
    cluster.fetches = False  # the queue is full: the pusher waits

    assert cluster.live(3600) is None


def test_time_starts_when_a_worker_becomes_idle(cluster: Cluster) -> None:
    cluster.be_busy(1, 1)
    cluster.board.pusher.sent = 1
    assert cluster.live(300) is None

    cluster.be_busy(0, 1)

    assert cluster.live(PATIENCE - 1) is None
    assert cluster.live(1) == WAITING


def test_tasks_that_wait_are_no_complaint_while_others_are_taken(cluster: Cluster) -> None:
    cluster.board.pusher.sent = 100

    for _ in range(20):
        assert cluster.live(PATIENCE - 1) is None
        cluster.board.workers[1].received += 1


@pytest.mark.parametrize("what", ["guards", "fetches"])
def test_process_that_does_not_go_round_is_complained_about(what: str, cluster: Cluster) -> None:
    setattr(cluster, what, False)

    assert cluster.live(PATIENCE - 1) is None
    assert cluster.live(1) == {"guards": UNGUARDED, "fetches": UNFETCHED}[what]


def test_finished_tasks_must_be_acknowledged(cluster: Cluster) -> None:
    cluster.board.workers[0].sent = 1

    assert cluster.live(PATIENCE - 1) is None
    assert cluster.live(1) == UNACKNOWLEDGED


def test_acknowledgement_in_time_is_enough(cluster: Cluster) -> None:
    cluster.board.workers[0].sent = 2
    assert cluster.live(PATIENCE - 1) is None
    cluster.board.monitor.received = 1
    assert cluster.live(PATIENCE - 1) is None

    cluster.board.monitor.received = 2

    assert cluster.live(3600) is None


def test_stopped_process_is_complained_about_sooner(cluster: Cluster) -> None:
    cluster.stopped = [17]

    assert cluster.live(STOPPED - 1) is None
    assert cluster.live(1) == "a process is stopped by a signal"


def test_process_that_goes_on_in_time_is_forgiven(cluster: Cluster) -> None:
    for _ in range(10):
        cluster.stopped = [17]
        assert cluster.live(STOPPED - 1) is None
        cluster.stopped = []
        assert cluster.live(1) is None


def test_time_in_which_nobody_looked_does_not_count(cluster: Cluster) -> None:
    cluster.guards = False
    assert cluster.live(PATIENCE - 4) is None

    cluster.now += 3600  # the machine slept, or the supervisor itself was stopped
    complaint = cluster.live(1)

    assert complaint is None
    assert cluster.live(2) == UNGUARDED


def test_pause_doubles_up_to_its_bound() -> None:
    pauses = [LIMITS.pause_after(failures).total_seconds() for failures in range(1, 8)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert LIMITS.pause_after(10_000) == LIMITS.longest_pause
